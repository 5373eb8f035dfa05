package wiretest

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Server answers GET /N with case N, byte for byte, and keeps what it was asked.
type Server struct {
	Addr  string // host:port
	cases []Case
	mu    sync.Mutex
	got   map[string]string // path → request
	conns int
}

// NewServer serves cases on loopback until the test ends.
func NewServer(t testing.TB, cases []Case) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: l.Addr().String(), cases: cases, got: map[string]string{}}
	var wg sync.WaitGroup
	var open sync.Map
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(c, true)
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
			wg.Go(func() { s.serve(c); open.Delete(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		wg.Wait()
	})
	return s
}

// URL returns the address of case i.
func (s *Server) URL(i int) string { return "http://" + s.Addr + "/" + strconv.Itoa(i) }

// Request returns the request that came for a path.
func (s *Server) Request(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got[path]
}

// Conns returns how many connections were made.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *Server) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		var req strings.Builder
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			req.WriteString(line)
			if line == "\r\n" {
				break
			}
		}
		_, path, _ := strings.Cut(req.String(), " ")
		path, _, _ = strings.Cut(path, " ")
		s.mu.Lock()
		s.got[path] = req.String()
		s.mu.Unlock()
		n, err := strconv.Atoi(path[1:])
		if err != nil || n >= len(s.cases) { // robots.txt among others
			if _, err := c.Write([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")); err != nil {
				return
			}
			continue
		}
		k := s.cases[n]
		if _, err := c.Write([]byte(k.Answer)); err != nil {
			return
		}
		if k.Reset {
			c.(*net.TCPConn).SetLinger(0)
			return
		}
		if k.Close {
			return
		}
	}
}
