package export

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// Graph is a directed graph with numbers at its nodes and edges.
type Graph struct {
	NodeValues, EdgeValues []string // names of the numbers
	Nodes                  []Node
	Edges                  []Edge
}

// Node is a node of a graph.
type Node struct {
	Name   string
	Values []int // in the order of NodeValues
}

// Edge joins two nodes, which are named by their place among them.
type Edge struct {
	From, To int
	Values   []int // in the order of EdgeValues
}

// WriteGraphML writes a graph as GraphML (http://graphml.graphdrawing.org), which Gephi, Cytoscape, igraph and
// NetworkX read.
func WriteGraphML(w io.Writer, g Graph) error {
	type key struct {
		ID   string `xml:"id,attr"`
		For  string `xml:"for,attr"`
		Name string `xml:"attr.name,attr"`
		Type string `xml:"attr.type,attr"`
	}
	type data struct {
		Key   string `xml:"key,attr"`
		Value string `xml:",chardata"`
	}
	type node struct {
		ID   string `xml:"id,attr"`
		Data []data `xml:"data"`
	}
	type edge struct {
		Source string `xml:"source,attr"`
		Target string `xml:"target,attr"`
		Data   []data `xml:"data"`
	}
	type graph struct {
		Default string `xml:"edgedefault,attr"`
		Nodes   []node `xml:"node"`
		Edges   []edge `xml:"edge"`
	}
	var doc struct {
		XMLName xml.Name `xml:"http://graphml.graphdrawing.org/xmlns graphml"`
		Keys    []key    `xml:"key"`
		Graph   graph    `xml:"graph"`
	}
	doc.Keys = append(doc.Keys, key{"label", "node", "label", "string"})
	values := func(kind string, names []string) {
		for _, n := range names {
			doc.Keys = append(doc.Keys, key{kind + "-" + n, kind, n, "int"})
		}
	}
	values("node", g.NodeValues)
	values("edge", g.EdgeValues)
	numbers := func(kind string, names []string, of []int) (out []data) {
		for i, n := range names {
			out = append(out, data{kind + "-" + n, strconv.Itoa(of[i])})
		}
		return out
	}
	id := func(i int) string { return "n" + strconv.Itoa(i) }
	doc.Graph.Default = "directed"
	for i, n := range g.Nodes {
		label := data{"label", clean(n.Name)}
		doc.Graph.Nodes = append(doc.Graph.Nodes, node{id(i), append([]data{label}, numbers("node", g.NodeValues,
			n.Values)...)})
	}
	for _, e := range g.Edges {
		doc.Graph.Edges = append(doc.Graph.Edges, edge{id(e.From), id(e.To), numbers("edge", g.EdgeValues, e.Values)})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write graph: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write graph: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write graph: %w", err)
	}
	return nil
}
