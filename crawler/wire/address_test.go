package wire

import (
	"net"
	"testing"
)

// TestPublic: what leads to a private address by another spelling or through a translator is private.
func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "202.96.128.86": true, "2400:3200::1": true, "64:ff9b::8.8.8.8": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.1.2.3": false, "169.254.169.254": false, "100.100.100.200": false, "0.0.0.0": false,
		"::1": false, "::": false, "fe80::1": false, "fd00::1": false, "ff02::1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::808:808": false,
		"2002:7f00:1::": false, "2002:808:808::1": false, "2001::1": false, "fec0::1": false, "feff::1": false,
		"::10.0.0.1": false,
	} {
		if got := public(net.ParseIP(addr)); got != want {
			t.Errorf("%s: public %v", addr, got)
		}
	}
}
