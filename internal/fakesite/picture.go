package fakesite

import (
	"image"
	"image/color"
	"math/rand/v2"
)

// picture is an image of an article: a made-up scene of sky, hills and a building.
type picture struct {
	seed    uint64
	caption string
	path    string
}

// render returns the picture as PNG.
func (p *picture) render() []byte { return scene(p.seed, 640, 360) }

// scene paints sky, hills and houses; the same seed paints the same picture.
func scene(seed uint64, w, h int) []byte {
	rng := rand.New(rand.NewPCG(seed, 9))
	pal := color.Palette{}
	base := [3]int{90 + rng.IntN(100), 140 + rng.IntN(60), 190 + rng.IntN(50)}
	for i := range 16 {
		pal = append(pal, color.RGBA{uint8(min(255, base[0]+i*6)), uint8(min(255, base[1]+i*5)),
			uint8(min(255, base[2]+i*3)), 255})
	}
	hill := uint8(len(pal))
	for i := range 4 {
		pal = append(pal, color.RGBA{uint8(40 + 18*i), uint8(90 + 22*i), uint8(60 + 10*i), 255})
	}
	wall := uint8(len(pal))
	pal = append(pal, color.RGBA{236, 232, 222, 255}, color.RGBA{178, 60, 44, 255}, color.RGBA{110, 130, 150, 255})
	img := image.NewPaletted(image.Rect(0, 0, w, h), pal)
	for y := range h {
		for x := range w {
			img.Pix[y*img.Stride+x] = uint8(min(15, (y*16+rng.IntN(h))/h)) // dithered, as a photograph's grain
		}
	}
	for layer := range 3 {
		top, slope := h/3+layer*h/7, 0
		for x := range w {
			if x%9 == 0 {
				slope = rng.IntN(5) - 2
			}
			top = max(h/4, min(h-20, top+slope/2))
			for y := top; y < h; y++ {
				img.Pix[y*img.Stride+x] = hill + uint8(3-layer)
			}
		}
	}
	for range 2 + rng.IntN(3) {
		bw, bh := w/12+rng.IntN(w/8), h/6+rng.IntN(h/4)
		house(img, rng.IntN(max(1, w-bw)), h-bh-h/14, bw, bh, wall)
	}
	return encode(img)
}

func house(img *image.Paletted, x0, y0, w, h int, wall uint8) {
	for y := y0; y < y0+h; y++ {
		for x := x0; x < x0+w; x++ {
			c := wall
			switch {
			case y < y0+h/8:
				c = wall + 1
			case (x-x0)%14 > 7 && (y-y0)%16 > 8:
				c = wall + 2
			}
			img.Pix[y*img.Stride+x] = c
		}
	}
}
