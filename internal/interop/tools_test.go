package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cache is where Python tools are installed once and for all runs.
func cache(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("CUNDANG_INTEROP_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no cache directory for tools: %v", err)
	}
	return filepath.Join(dir, "cundang-interop")
}

// python returns the bin directory of a virtual environment with these packages, skipping
// the test if it cannot be made.
func python(t *testing.T, name string, packages ...string) string {
	t.Helper()
	bin := filepath.Join(cache(t), name, "bin")
	done := filepath.Join(cache(t), name, "installed")
	if b, err := os.ReadFile(done); err == nil && string(b) == strings.Join(packages, " ") {
		return bin
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", "--clear", filepath.Join(cache(t), name)},
		append([]string{filepath.Join(bin, "pip"), "-q", "--disable-pip-version-check", "install"}, packages...),
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("cannot install %s: %v %.200s", strings.Join(packages, ", "), err, lastLine(out))
		}
	}
	if err := os.WriteFile(done, []byte(strings.Join(packages, " ")), 0o644); err != nil {
		t.Fatal(err)
	}
	return bin
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}

// tool returns the path of a program, skipping the test if it is not there.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// output runs a program that must succeed and returns what it prints.
func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return string(out)
}
