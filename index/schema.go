package index

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index/zh"
	"cundang/internal/zone"
)

// version is a document about to be written.
type version struct {
	key  string
	head head
	text Texts
}

// document makes the document of a version.
func (v version) document() (Document, error) {
	a := v.head.Article
	d := Document{Key: v.key, Texts: v.text}
	if a.Kind == extract.KindArticle {
		d.Name = func(d *Document, c *zh.Cutter) error {
			d.Values[FieldAbbreviation] = abbreviationsIn(c, d.Texts)
			d.Values[FieldPrint] = fingerprintOf(d.Texts.Body).terms()
			if named(v.head.Article) {
				return nil
			}
			n := c.Names(d.Texts.Title, d.Texts.Body)
			a := &v.head.Article
			a.People, a.Places, a.Organizations = n.People, n.Places, n.Orgs
			return d.setHead(v.head)
		}
	}
	capture, state := run{seen: v.head.Seen}.last(0)
	d.Times, d.Values = map[string]int64{TimeFetched: capture.At}, map[string][]string{
		FieldKind: {string(a.Kind)}, FieldState: {state}, FieldSite: {string(a.Site)}, FieldSource: {string(a.Source)},
		FieldAuthor: {string(a.Author)}, FieldColumn: a.Column,
	}
	if v.head.Until == 0 {
		d.Values[FieldFlag] = []string{FlagNewest}
		if a.Kind == extract.KindArticle {
			d.Values[FieldFlag] = []string{FlagNewest, FlagArticle}
		}
	}
	for _, f := range a.Attachments {
		d.Values[FieldFiles] = append(d.Values[FieldFiles], string(f.Type))
		if t := shortType(f); t != "" && !slices.Contains(d.Values[FieldType], t) {
			d.Values[FieldType] = append(d.Values[FieldType], t)
		}
	}
	if !a.Published.Time.IsZero() {
		p := a.Published.Time.In(zone.China)
		d.Values[FieldDay] = []string{p.Format(time.DateOnly)}
		d.Times[TimePub] = p.UnixNano()
	}
	if len(v.head.Seen) > 0 {
		d.Times[TimeFrom] = v.head.Seen[0].At
	}
	if v.head.Until != 0 {
		d.Times[TimeUntil] = v.head.Until
	}
	return d, d.setHead(v.head)
}

// setHead sets the head and what it names.
func (d *Document) setHead(h head) (err error) {
	a := h.Article
	d.Values[FieldPeople], d.Values[FieldPlaces], d.Values[FieldOrgs] = a.People, a.Places, a.Organizations
	if h.Copies != "" {
		d.Values[FieldCopies] = []string{h.Copies}
		if a.Site != "" {
			d.Values[FieldSiteCopies] = []string{string(a.Site) + " " + h.Copies}
		}
	}
	if d.Head, err = json.Marshal(h); err != nil {
		return fmt.Errorf("encode article %s: %w", a.ID, err)
	}
	return nil
}

// named says whether the people, places and organisations of an article are known.
func named(a extract.Article) bool { return len(a.People)+len(a.Places)+len(a.Organizations) > 0 }

// mediaTypes are the short names of the media types of documents.
var mediaTypes = map[string]string{
	"application/pdf": "pdf", "application/x-pdf": "pdf", "application/msword": "doc", "application/rtf": "rtf", "text/rtf": "rtf",
	"application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt", "application/vnd.ms-works": "wps",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
	"application/zip": "zip", "application/x-zip-compressed": "zip", "application/vnd.rar": "rar", "application/x-rar-compressed": "rar",
	"application/x-rar": "rar", "application/x-7z-compressed": "7z", "application/ofd": "ofd", "text/csv": "csv", "text/plain": "txt",
	"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "video/mp4": "mp4", "audio/mpeg": "mp3",
}

// typeNames are the short types that a name in a query stands for, where they are others.
var typeNames = map[string][]string{
	"word": {"doc", "docx", "wps"}, "excel": {"xls", "xlsx", "et"}, "powerpoint": {"ppt", "pptx", "dps"},
	"jpeg": {"jpg"}, "压缩包": {"zip", "rar", "7z"}, "图片": {"jpg", "png", "gif"},
}

// shortType names the type of an attachment: by its media type, and where that is missing or says nothing
// by how its address or its title ends.
func shortType(f extract.Attachment) string {
	media, _, _ := strings.Cut(strings.ToLower(string(f.Type)), ";")
	media = strings.TrimSpace(media)
	if t := mediaTypes[media]; t != "" {
		return t
	}
	address := f.URL
	if u, err := url.Parse(f.URL); err == nil {
		address = u.Path
	}
	for _, name := range []string{address, string(f.Title), media} {
		ext := strings.TrimPrefix(strings.ToLower(path.Ext(strings.TrimSpace(name))), ".")
		if n := len(ext); n >= 2 && n <= 4 && !strings.ContainsFunc(ext, func(r rune) bool { return r >= 0x80 || !zh.Content(r) }) &&
			ext != "html" && ext != "htm" && ext != "jsp" && ext != "php" && ext != "asp" && ext != "aspx" && ext != "do" {
			return ext
		}
	}
	return ""
}
