package extract

import (
	"encoding/json"
	"testing"
	"time"

	"cundang/internal/zone"
)

func TestTextAndDateInJSON(t *testing.T) {
	type both struct {
		Text Text
		Date Date
	}
	at := time.Date(2022, 10, 27, 9, 30, 0, 0, zone.China)
	for want, v := range map[string]both{
		`{"Text":null,"Date":null}`: {},
		`{"Text":"<科协>","Date":"2022-10-27"}`: {"<科协>",
			Date{Time: time.Date(2022, 10, 27, 0, 0, 0, 0, zone.China)}},
		`{"Text":"a","Date":"2022-10-27T09:30:00+08:00"}`:   {"a", Date{Time: at, HasClock: true}},
		`{"Text":"utc","Date":"2022-10-27T09:30:00+08:00"}`: {"utc", Date{Time: at.UTC(), HasClock: true}},
	} {
		var back both
		if err := json.Unmarshal([]byte(want), &back); err != nil {
			t.Fatal(err)
		}
		if back.Text != v.Text || !back.Date.Time.Equal(v.Date.Time) || back.Date.HasClock != v.Date.HasClock {
			t.Errorf("%s reads as %+v", want, back)
		}
		if v.Date.String() != back.Date.String() {
			t.Errorf("%q is written %q", back.Date, v.Date)
		}
	}
	var d Date
	for _, bad := range []string{`"27.10.2022"`, `7`, `"2022-10-27 09:30"`} {
		if err := json.Unmarshal([]byte(bad), &d); err == nil {
			t.Errorf("%s was read as %v", bad, d)
		}
	}
	if b, err := json.Marshal(both{}); err != nil || string(b) != `{"Text":null,"Date":null}` {
		t.Errorf("%s, %v", b, err)
	}
}
