package outline

import "testing"

func TestDouble(t *testing.T) {
	const page = "http://www.kexie.example/n/7.html"
	for address, want := range map[string]string{
		page + "?print=1":                         page,
		page + "?a=%E6%B0%94&print=true&b=2":      page + "?a=%E6%B0%94&b=2",
		page + "?view=print":                      page,
		"http://www.kexie.example/print/n/7.html": page,
		"http://www.kexie.example/n/print/7.html": page,
		"http://www.kexie.example/n/7_print.html": page,
		"http://www.kexie.example/n/print_7.html": page,
		"http://www.kexie.example/m/n/7.html":     page,
		"http://m.kexie.example/n/7.html":         page,
		"http://wap.kexie.example:8080/n/7.html":  "http://www.kexie.example:8080/n/7.html",
		"http://www.kexie.example/wap/%E6%B0%94/": "http://www.kexie.example/%E6%B0%94/",
		page:                                  "",
		page + "?id=print":                    "",
		page + "?page=1":                      "",
		"http://www.kexie.example/n/m/7.html": "",
		"http://www.kexie.example/blueprint.html": "",
		"http://www.kexie.example/3d-printing/":   "",
		"http://m.example/7.html":                 "",
		"not an address":                          "",
	} {
		if got := Double(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
