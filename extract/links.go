package extract

import (
	"path"
	"strings"

	"golang.org/x/net/html/atom"

	"cundang/internal/urlkey"
	"cundang/site"
)

// resolve makes a link absolute; "" if it leads nowhere on the web.
func (v *view) resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || ref[0] == '#' || len(ref) > 2000 {
		return ""
	}
	if i := strings.IndexByte(ref, ':'); i > 0 && i < 12 && !strings.ContainsAny(ref[:i], "/?.") {
		if s := strings.ToLower(ref[:i]); s != "http" && s != "https" {
			return ""
		}
	}
	if v.base == "" { // a file without address: as written
		return ref
	}
	if u, err := urlkey.Resolve(v.base, ref, v.charset); err == nil {
		return u
	}
	return ""
}

// documentType returns the media type of a link that leads to a document, "" if it does not.
func documentType(href, title string) string {
	p := href
	if i := strings.IndexAny(p, "?#"); i >= 0 {
		if t := site.DocumentType(p[:i]); t != "" {
			return t
		}
		// download.jsp?file=a.pdf
		for _, q := range strings.FieldsFunc(p[i+1:], func(r rune) bool { return r == '&' || r == '#' }) {
			if t := site.DocumentType(q); t != "" {
				return t
			}
		}
		p = p[:i]
	}
	if t := site.DocumentType(p); t != "" {
		return t
	}
	return site.DocumentType(strings.TrimRight(strings.TrimSpace(title), "）)"))
}

// attachments lists the documents that the article links to: in its body, and in an
// attachment list (附件) around it.
func attachments(v *view, b body, h head) []Attachment {
	out := []Attachment{}
	if len(b.blocks) == 0 && h.titleHi == 0 {
		return out
	}
	lo, hi := h.start, h.start+60
	if len(b.blocks) > 0 {
		lo, hi = min(lo, b.blocks[0]), b.blocks[len(b.blocks)-1]+25
	}
	if b.elem >= 0 {
		hi = max(hi, int(v.elems[b.elem].hi))
	}
	seen := map[string]bool{}
	for i := range v.links {
		l := &v.links[i]
		if int(l.block) < lo || int(l.block) > hi || l.hidden {
			continue
		}
		title := squash(v.text[l.lo:l.hi])
		href := attr(l.node, "href")
		typ := documentType(href, title)
		if typ == "" && !isDownload(href, title, v, l) {
			continue
		}
		if l.elem >= 0 && int(l.block) < len(v.blocks) && v.blocks[l.block].flags&fChrome != 0 && typ == "" {
			continue
		}
		u := v.resolve(href)
		if u == "" || seen[u] {
			continue
		}
		seen[u] = true
		if title == "" {
			title = squash(attr(l.node, "title"))
		}
		out = append(out, Attachment{URL: u, Title: Text(title), Type: Text(typ)})
	}
	return out
}

// isDownload recognises links that hide the document's name: 博达's download.jsp, jcms's
// downfile.jsp, 附件 with a download address.
func isDownload(href, title string, v *view, l *link) bool {
	low := strings.ToLower(href)
	if !strings.Contains(low, "down") && !strings.Contains(low, "attach") {
		return false
	}
	return strings.Contains(low, "download.jsp") || strings.Contains(low, "downfile") ||
		strings.Contains(low, "downloadattach") || strings.HasPrefix(title, "附件") || strings.Contains(low, "attachment")
}

// images lists the pictures inside the body with their captions.
func images(v *view, b body) []Image {
	out := []Image{}
	lo, hi := b.lo-1, b.hi
	if b.rule != "pictures" {
		if len(b.blocks) == 0 {
			return out
		}
		lo, hi = b.blocks[0], b.blocks[len(b.blocks)-1]+1
	}
	seen := map[string]bool{}
	for i := range v.pictures {
		p := &v.pictures[i]
		inside := int(p.block) > lo && int(p.block) <= hi
		if b.elem >= 0 {
			inside = v.ancestor(b.elem, p.elem)
		} else if int(p.block) == lo {
			inside = true
		}
		if !inside || p.hidden || int(p.block) > hi+1 || b.rule == "pictures" && v.inChrome(p.elem) {
			continue
		}
		src := attr(p.node, "src")
		for _, k := range site.LazyAttributes {
			if s := attr(p.node, k); s != "" && (src == "" || !strings.HasPrefix(s, "data:")) {
				src = s
				break
			}
		}
		u := v.resolve(src)
		if u == "" || seen[u] || isIcon(p, src) {
			continue
		}
		seen[u] = true
		im := Image{URL: u}
		if k := int(p.block); k < len(v.blocks) && k < hi+1 && v.blocks[k].flags&fAfterImage != 0 &&
			kindOf(v, k) == "caption" {
			im.Caption = Text(v.str(k))
		}
		out = append(out, im)
	}
	return out
}

// isIcon reports whether a picture is an ornament: small, or the icon that editors put
// before attachments (icon_doc.gif, file_pdf.png).
func isIcon(p *picture, src string) bool {
	for _, k := range []string{"width", "height"} {
		if s := strings.TrimSuffix(attr(p.node, k), "px"); s != "" && len(s) < 3 && isNumber(s) && (len(s) == 1 || s < "41") {
			return true
		}
	}
	base := strings.ToLower(path.Base(src))
	return strings.HasPrefix(base, "icon_") || strings.HasPrefix(base, "icon16_") || strings.Contains(strings.ToLower(src),
		"/icons/") || strings.Contains(strings.ToLower(src), "fileicon") || p.node.DataAtom != atom.Img
}
