package arch

import "strings"

// marks are sentences that only one licence has, the most telling first.
var marks = []struct{ sentence, spdx string }{
	{"GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"},
	{"GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"},
	{"GNU GENERAL PUBLIC LICENSE", "GPL"},
	{"Mozilla Public License Version 2.0", "MPL-2.0"},
	{"Mozilla Public License, version 2.0", "MPL-2.0"},
	{"Apache License Version 2.0", "Apache-2.0"},
	{"Licensed under the Apache License, Version 2.0", "Apache-2.0"},
	{"Neither the name", "BSD-3-Clause"},
	{"names of its contributors may be used", "BSD-3-Clause"},
	{"Redistributions in binary form must reproduce", "BSD-2-Clause"},
	{"Permission is hereby granted, free of charge", "MIT"},
	{"Permission to use, copy, modify, and/or distribute", "ISC"},
	{"Permission to use, copy, modify, and distribute", "ISC"},
	{"This is free and unencumbered software", "Unlicense"},
	{"CC0 1.0 Universal", "CC0-1.0"},
}

// Licence tells from the text of a licence file, white space folded, which licence it is: an
// SPDX identifier, "" when it is not known. A text that only mentions a GPL (the secondary
// licences of the MPL) is the licence it opens with.
func Licence(text string) string {
	best, at := "", len(text)
	low := strings.ToLower(text)
	for _, m := range marks {
		i := strings.Index(low, strings.ToLower(m.sentence))
		if i < 0 || i >= at || best == "BSD-3-Clause" && m.spdx == "BSD-2-Clause" {
			continue // the three-clause text holds the two-clause one
		}
		best, at = m.spdx, i
	}
	return best
}

// Permissive says whether a licence may go into the binary.
func Permissive(spdx string) bool {
	switch spdx {
	case "MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "ISC", "Unlicense", "CC0-1.0":
		return true
	}
	return false
}
