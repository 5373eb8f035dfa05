package fakesite

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strconv"
)

// What every page of a site is shown with, whatever its skin. The style sheet imports the
// base sheet and paints the banner and the paper; the icon is linked.
const (
	sheetPath  = "/css/style.css"
	basePath   = "/css/base.css"
	bannerPath = "/images/banner.png"
	logoPath   = "/images/logo.png"
	paperPath  = "/images/paper.png"
	blankPath  = "/images/loading.png" // stands where a script will put a picture
)

const baseSheet = `@charset "utf-8";
/* 全站公用样式 */
img{border:0;max-width:100%;vertical-align:middle}
@media print{.nav,.topbar,.tools,.links{display:none}}
`

// requisite answers for what pages are shown with; s.mu is held.
func (s *Site) requisite(path string) (answer, bool) {
	picture := func(body []byte) (answer, bool) {
		return answer{status: http.StatusOK, typ: "image/png", body: body}, true
	}
	switch path {
	case sheetPath:
		return answer{status: http.StatusOK, typ: "text/css", body: s.stylesheet()}, true
	case basePath:
		return answer{status: http.StatusOK, typ: "text/css", body: []byte(baseSheet)}, true
	case bannerPath:
		return picture(scene(s.seed, 1000, 130))
	case logoPath:
		return picture(emblem(s.style.accent))
	case paperPath:
		return picture(paper())
	case blankPath:
		return picture(plain(1, 1, color.RGBA{230, 230, 230, 255}))
	}
	return answer{}, false
}

// shownWith are the paths of what the site's pages are shown with, article pictures aside.
func (s *Site) shownWith() []string {
	paths := []string{sheetPath, basePath, bannerPath, logoPath}
	switch s.style.skin {
	case "table":
		paths = append(paths, paperPath)
	case "modern":
		for _, a := range s.articles {
			if len(a.pictures) > 0 {
				return append(paths, blankPath)
			}
		}
	}
	return paths
}

// emblem paints an association's badge: a ring in the site's colour around a cogwheel.
func emblem(accent string) []byte {
	const size, mid = 72, 36
	rgb, err := strconv.ParseUint(accent[1:], 16, 24)
	if err != nil {
		panic(err) // styles write their colours as #rrggbb
	}
	pal := color.Palette{color.Transparent, color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}, color.White,
		color.RGBA{232, 180, 40, 255}}
	img := image.NewPaletted(image.Rect(0, 0, size, size), pal)
	for y := range size {
		for x := range size {
			dx, dy := x-mid, y-mid
			r := dx*dx + dy*dy
			teeth := (dx*dy > -40 && dx*dy < 40) || (dx-dy)*(dx-dy) < 40 || (dx+dy)*(dx+dy) < 40
			c := uint8(0)
			switch {
			case r > 35*35:
			case r > 31*31:
				c = 3
			case r > 25*25:
				c = 1
			case r > 18*18 && teeth, r <= 18*18 && r > 8*8:
				c = 2
			case r <= 8*8:
				c = 3
			default:
				c = 1
			}
			img.Pix[y*img.Stride+x] = c
		}
	}
	return encode(img)
}

// paper is the tile behind old table pages.
func paper() []byte {
	img := image.NewPaletted(image.Rect(0, 0, 8, 8),
		color.Palette{color.RGBA{233, 228, 218, 255}, color.RGBA{224, 217, 203, 255}})
	for i := range 8 {
		img.Pix[i*img.Stride+i] = 1
	}
	return encode(img)
}

func plain(w, h int, c color.Color) []byte {
	return encode(image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{c}))
}

func encode(img image.Image) []byte {
	var b bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&b, img); err != nil {
		panic(err) // writing to memory never fails
	}
	return b.Bytes()
}
