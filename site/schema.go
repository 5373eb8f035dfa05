package site

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Schema returns the JSON Schema (draft 2020-12) of a profile, for editors. It is made
// from the Go types, so it cannot disagree with Load about keys.
func Schema() ([]byte, error) {
	root := object(reflect.TypeFor[Profile]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "cundang site profile"
	root["required"] = []string{"site", "seeds"}
	root["properties"].(map[string]any)["seeds"].(map[string]any)["minItems"] = 1
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write profile schema: %w", err)
	}
	return append(data, '\n'), nil
}

func object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || key == "" {
			continue
		}
		property := schemaOf(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" {
			property["description"] = doc
		}
		if values := f.Tag.Get("enum"); values != "" {
			property["enum"] = strings.Split(values, ",")
		}
		if key == "site" {
			property["pattern"] = idForm.String()
		}
		properties[key] = property
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func schemaOf(t reflect.Type) map[string]any {
	if t == reflect.TypeFor[time.Duration]() {
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`}
	}
	switch t.Kind() {
	case reflect.Struct:
		return object(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0}
	}
	return map[string]any{"type": "string"}
}
