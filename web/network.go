package web

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"cundang/export"
	"cundang/extract"
	"cundang/index"

	"github.com/danielgtaylor/huma/v2"
)

// chainRow is a line of the reprint chain on the article page.
type chainRow struct {
	index.Copy
	Current bool
	Diff    string // address of the comparison with the first, "" for that itself
}

// chain lists who published the text of an article, nil when nobody else did.
func (s *server) chain(ctx context.Context, a extract.Article) ([]chainRow, error) {
	r, err := s.Index.Reprints(ctx, a.ID)
	if err != nil || len(r.Copies) < 2 {
		return nil, err
	}
	var out []chainRow
	first := r.Copies[0].Article.ID
	for i, c := range r.Copies[:min(len(r.Copies), maxChain)] {
		row := chainRow{Copy: c, Current: c.Article.ID == a.ID}
		if i > 0 {
			row.Diff = "/a/" + url.PathEscape(first) + "/diff?with=" + url.QueryEscape(c.Article.ID)
		}
		out = append(out, row)
	}
	return out, nil
}

// maxChain is how many lines of a reprint chain the article page shows.
const maxChain = 100

// Bounds of the picture of a network.
const (
	netSide  = 14 // names on each side
	netEdges = 60
	netRow   = 26 // units of height
)

// netPicture draws who publishes first on the left, who reprints on the right, and the texts between them.
type netPicture struct {
	Height      int
	Left, Right []netName
	Lines       []netLine
}

type netName struct {
	Y     int
	Name  string
	Short string // what fits
	Count int
}

type netLine struct {
	Path, Title, Width string
}

func drawNetwork(n index.Network, title func(e index.NetworkEdge) string) netPicture {
	var p netPicture
	left, right := map[string]int{}, map[string]int{}
	add := func(side *[]netName, at map[string]int, name string, count int) (y int, ok bool) {
		i, ok := at[name]
		if !ok {
			if len(*side) == netSide {
				return 0, false
			}
			i = len(*side)
			at[name] = i
			*side = append(*side, netName{Y: 18 + i*netRow, Name: name, Short: clipped(name, 9)})
		}
		(*side)[i].Count += count
		return (*side)[i].Y, true
	}
	most := 1
	for _, e := range n.Edges {
		most = max(most, e.Texts)
	}
	for _, e := range n.Edges {
		if len(p.Lines) == netEdges {
			break
		}
		_, hasLeft := left[e.From]
		_, hasRight := right[e.To]
		if !hasLeft && len(p.Left) == netSide || !hasRight && len(p.Right) == netSide {
			continue
		}
		y1, _ := add(&p.Left, left, e.From, e.Texts)
		y2, _ := add(&p.Right, right, e.To, e.Texts)
		a, b := strconv.Itoa(y1-4), strconv.Itoa(y2-4)
		p.Lines = append(p.Lines, netLine{Path: "M118 " + a + "C180 " + a + " 180 " + b + " 242 " + b, Title: title(e),
			Width: strconv.FormatFloat(1+7*float64(e.Texts)/float64(most), 'f', 1, 64)})
	}
	p.Height = 18 + max(len(p.Left), len(p.Right))*netRow
	return p
}

// clipped is the first n characters of a name.
func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

type networkData struct {
	Q                  question
	By                 string
	N                  index.Network
	Picture            netPicture
	CSV, GraphML, JSON string
	Shown              []index.NetworkEdge
}

// netShown is how many edges the page lists.
const netShown = 200

// network counts who reprints whom within a question.
func (s *server) network(ctx context.Context, q question, by string) (index.Network, error) {
	if by != index.BySite {
		by = index.BySource
	}
	leave, err := place(ctx, s.surveys)
	if err != nil {
		return index.Network{}, err
	}
	defer leave()
	n, err := s.Index.Network(ctx, q.query(), by)
	if by == index.BySite {
		for i := range n.Nodes {
			n.Nodes[i].Name = s.siteName(n.Nodes[i].Name)
		}
		for i := range n.Edges {
			n.Edges[i].From, n.Edges[i].To = s.siteName(n.Edges[i].From), s.siteName(n.Edges[i].To)
		}
	}
	return n, err
}

func (s *server) networkPage(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	q.lang, _ = s.prefs(r)
	d := networkData{Q: q}
	if d.N, err = s.network(r.Context(), q, r.URL.Query().Get("by")); err != nil {
		return err
	}
	d.By = d.N.By
	d.Picture = drawNetwork(d.N, func(e index.NetworkEdge) string {
		return e.From + " → " + e.To + ": " +
			strconv.Itoa(e.Texts)
	})
	d.Shown = d.N.Edges[:min(len(d.N.Edges), netShown)]
	v := q.values()
	v.Set("by", d.By)
	d.JSON = "/api/v1/network?" + v.Encode()
	v.Set("format", "csv")
	d.CSV = "/api/v1/network?" + v.Encode()
	v.Set("format", "graphml")
	d.GraphML = "/api/v1/network?" + v.Encode()
	return s.show(w, r, "network", view{Title: "network.title", Nav: "network", Data: d})
}

// Graph returns a network as an exported graph.
func Graph(n index.Network) export.Graph {
	g := export.Graph{NodeValues: []string{"origin", "reprints"}, EdgeValues: []string{"texts"}}
	at := map[string]int{}
	for i, v := range n.Nodes {
		at[v.Name] = i
		g.Nodes = append(g.Nodes, export.Node{Name: v.Name, Values: []int{v.Origin, v.Reprints}})
	}
	for _, e := range n.Edges {
		g.Edges = append(g.Edges, export.Edge{From: at[e.From], To: at[e.To], Values: []int{e.Texts}})
	}
	return g
}

func (s *server) reprintsAPI(api huma.API) {
	huma.Register(api, withNotFound(op("reprints", http.MethodGet, "/api/v1/articles/{id}/reprints",
		"Who published the text of an article, when and under which source, the earliest first", "articles")),
		func(ctx context.Context, in *ArticleInput) (*answer[index.Reprints], error) {
			ctx, cancel := context.WithTimeout(ctx, requestTime)
			defer cancel()
			r, err := s.Index.Reprints(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", r), nil
		})
	o := op("network", http.MethodGet, "/api/v1/network", "Who reprints whom: the network of sources", "search")
	o.Responses = map[string]*huma.Response{"200": {Description: "The network", Content: map[string]*huma.MediaType{
		"application/json":        {Schema: schemaOf[index.Network](api.OpenAPI().Components.Schemas)},
		"text/csv":                {Schema: &huma.Schema{Type: huma.TypeString}},
		"application/graphml+xml": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(api, o, func(ctx context.Context, in *struct {
		Asking
		By     string `query:"by" enum:"source,site" default:"source" doc:"what is joined"`
		Format string `query:"format" enum:"json,csv,graphml" default:"json"`
	}) (*huma.StreamResponse, error) {
		q, err := in.question(nil)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		n, err := s.network(ctx, q, in.By)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Cache-Control", "private, no-cache")
			file := func(extension, mediaType string) {
				hc.SetHeader("Content-Type", mediaType)
				hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment",
					map[string]string{"filename": withDay("cundang-network", extension, s.Now())}))
			}
			switch in.Format { // an error: the client is gone
			case "csv":
				file("csv", "text/csv; charset=utf-8")
				_ = export.WriteTable(hc.BodyWriter(), index.NetworkHead(), n.Rows())
			case "graphml":
				file("graphml", "application/graphml+xml")
				_ = export.WriteGraphML(hc.BodyWriter(), Graph(n))
			default:
				hc.SetHeader("Content-Type", "application/json")
				_ = api.Marshal(hc.BodyWriter(), "application/json", n)
			}
		}}, nil
	})
}

// collapses are the values of the parameter collapse.
var collapses = []string{index.CollapseSite, index.CollapseAll, "none"}

// collapseChoices are the ways to list articles with the same text.
func collapseChoices(q question, current string, title func(string) string) []choice {
	var out []choice
	for _, c := range collapses {
		out = append(out, choice{c, title(c), q.with(func(q *question) { q.Collapse = c }).At("/"), c == current})
	}
	return out
}

func validCollapse(s string) bool { return s == "" || slices.Contains(collapses, s) }
