//go:build !amd64 || purego

package tandem

func detect() bool { return false }

func blocks(_, _ *state, _, _ *byte, _ int) { panic("tandem: no such processor") }
