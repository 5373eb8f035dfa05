package outline

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"cundang/internal/script"
)

// Bounds of a page that only leads on: its length in bytes, the characters it shows, its links.
const (
	maxLeading = 64 << 10
	maxNotice  = 120
	maxLinks   = 3
)

// LeadsTo returns where a page sends its reader without being asked: by a Refresh header
// (its value, "" if there is none), or by a script that runs when it is loaded, where the page
// shows next to nothing itself. "" if it stays; what a meta element says is among the Refs
// of [Read]. The address is as written.
func LeadsTo(page []byte, url, header string) string {
	if to := refresh(header); to != "" {
		return to
	}
	if len(page) > maxLeading {
		return ""
	}
	var code, onload strings.Builder
	shown, links := 0, 0
	s := scanner{src: page}
	for s.next() && shown <= maxNotice && links <= maxLinks {
		switch {
		case s.kind == text && s.in == "script":
			code.Write(s.data)
			code.WriteByte('\n')
		case s.kind == text && (s.in == "" || s.in == "textarea"):
			shown += utf8.RuneCount(bytes.Join(bytes.Fields(s.data), nil))
		case s.kind != start:
		case string(s.tag) == "a" && s.attr("href") != "":
			links++
		case string(s.tag) == "body":
			onload.WriteString(s.attr("onload"))
		case string(s.tag) == "frame" || string(s.tag) == "img" || string(s.tag) == "form":
			links++
		}
	}
	if shown > maxNotice || links > maxLinks || code.Len() == 0 && onload.Len() == 0 {
		return ""
	}
	p := script.Load(code.String(), script.Host{URL: url})
	leads := p.Loaded.Leads
	if len(leads) == 0 && onload.Len() > 0 {
		leads = p.Run(onload.String(), nil).Leads
	}
	if len(leads) == 0 {
		return ""
	}
	return leads[len(leads)-1] // a later one takes the place of those before
}

// refresh returns the address of a refresh, in a header or a meta element, as HTML reads it:
// "0; url=x", "5, x", "0;URL='x'"; "" where the page is only loaded again.
func refresh(content string) string {
	rest := strings.TrimLeft(content, " \t\r\n\f")
	after := strings.TrimLeft(rest, "0123456789.")
	if after == rest || after == "" || strings.IndexByte(";, \t\r\n\f", after[0]) < 0 {
		return ""
	}
	rest = strings.TrimLeft(after, " \t\r\n\f")
	if rest != "" && (rest[0] == ';' || rest[0] == ',') {
		rest = strings.TrimLeft(rest[1:], " \t\r\n\f")
	}
	if len(rest) >= 3 && strings.EqualFold(rest[:3], "url") {
		if value := strings.TrimLeft(rest[3:], " \t\r\n\f"); strings.HasPrefix(value, "=") {
			rest = strings.TrimLeft(value[1:], " \t\r\n\f")
		}
	}
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		rest, _, _ = strings.Cut(rest[1:], rest[:1])
	}
	return strings.TrimSpace(rest)
}
