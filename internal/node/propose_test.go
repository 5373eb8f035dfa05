package node

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A list whose rows come by POST, behind an entry page that only leads on, is proposed like any other.
func TestProposePostedList(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := func(format string, args ...any) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<html><head><title>省气象学会</title></head><body>"+format+"</body></html>", args...)
		}
		var n int
		switch r.URL.Path {
		case "/":
			page(`<script>location.href = "/tz/"</script>`)
		case "/tz/":
			page(`<ul id="list"></ul><script>
				var pageNo = 1;
				$.ajax({url: "/api/news/page", type: "POST", contentType: "application/json", data: JSON.stringify({columnId: "7", pageNo: pageNo, pageSize: 10})});
			</script>`)
		case "/api/news/page":
			var q struct {
				ColumnID string
				PageNo   int
			}
			body, err := io.ReadAll(r.Body)
			if err != nil || json.Unmarshal(body, &q) != nil || r.Method != "POST" || q.ColumnID != "7" {
				http.Error(w, "which column?", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			var rows []string
			for i := range 10 {
				rows = append(rows, fmt.Sprintf(`{"title":"关于举办第%d届气象科普讲解大赛的通知","url":"/n/%d.html","publishTime":"2024-09-%02d"}`, i, i+10*q.PageNo, 28-i))
			}
			fmt.Fprintf(w, `{"total":40,"rows":[%s]}`, strings.Join(rows, ","))
		default:
			if _, err := fmt.Sscanf(r.URL.Path, "/n/%d.html", &n); err != nil {
				http.NotFound(w, r)
				return
			}
			page(`<h1>关于举办第%d届气象科普讲解大赛的通知</h1><p>发布时间：2024-09-%02d　来源：省气象学会</p><div class="TRS_Editor">%s</div>`, n-10, 38-n,
				strings.Repeat("<p>各会员单位：为普及气象知识，提高公众防灾避险能力，学会定于下月举办讲解大赛，请积极组织报名。</p>", 4))
		}
	}))
	t.Cleanup(srv.Close)
	p, err := Options{Log: slog.New(slog.DiscardHandler)}.Propose(t.Context(), srv.URL+"/", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.List.URL != srv.URL+"/tz/" || p.List.Rows != 10 || p.List.Total != 40 || len(p.Articles) != 5 {
		t.Errorf("list %+v, %d articles", p.List, len(p.Articles))
	}
	for _, a := range p.Articles {
		if !strings.HasPrefix(a.Title, "关于举办第") || !strings.HasPrefix(a.Published, "2024-09-") {
			t.Errorf("read %+v", a)
		}
	}
}
