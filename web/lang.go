package web

import "fmt"

// say returns a message in a language; a key that is not in the table is its own text.
func say(lang, key string, args ...any) string {
	m, ok := messages[key]
	if !ok {
		return ""
	}
	text := m[0]
	if lang == "en" {
		text = m[1]
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

func isMessage(key string) bool { _, ok := messages[key]; return ok }
