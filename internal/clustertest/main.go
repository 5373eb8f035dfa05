// Command clustertest starts a cluster of real parts on this machine and holds cundang to its contracts with it.
//
//	go run ./internal/clustertest             three OpenSearch nodes: the contract of engines, then a node is killed
//	go run ./internal/clustertest -contract=false    only kill a node
//	go run ./internal/clustertest -serve      keep the nodes until interrupted, to measure with
//
// Jars come from Maven Central and are kept in -dir. Without java or mvn it says so and ends; with -strict that fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// options are the flags.
type options struct {
	dir, heap     string
	nodes, port   int
	strict, serve bool
	contract      bool
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "bin/cluster", "where jars, data and logs are kept")
	flag.StringVar(&o.heap, "heap", "512m", "heap of a node")
	flag.IntVar(&o.nodes, "nodes", 3, "nodes of OpenSearch")
	flag.IntVar(&o.port, "port", 19200, "HTTP port of the first node; the others follow")
	flag.BoolVar(&o.strict, "strict", false, "fail when something is not installed")
	flag.BoolVar(&o.contract, "contract", true, "run the contract of engines before a node is killed")
	flag.BoolVar(&o.serve, "serve", false, "start the nodes and keep them until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := o.run(ctx)
	if missing := (*exec.Error)(nil); errors.As(err, &missing) && errors.Is(err, exec.ErrNotFound) && !o.strict {
		fmt.Printf("skipped: %s is not installed\n", missing.Name)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clustertest:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) (err error) {
	if err := o.prepare(ctx); err != nil {
		return err
	}
	c, err := o.start(ctx)
	defer func() { err = errors.Join(err, c.stop()) }()
	if err != nil {
		return err
	}
	fmt.Println("OpenSearch answers at", strings.Join(c.addresses(), ","))
	if o.serve {
		<-ctx.Done()
		return nil
	}
	if !o.contract {
		return c.lose(ctx)
	}
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=60m", "./index/opensearch")
	test.Env = append(os.Environ(), "CUNDANG_OPENSEARCH="+strings.Join(c.addresses(), ","))
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	if err := test.Run(); err != nil {
		return fmt.Errorf("contract of engines: %w", err)
	}
	return c.lose(ctx)
}

// prepare fetches the jars and compiles the launcher, once.
func (o options) prepare(ctx context.Context) error {
	for _, tool := range []string{"java", "javac", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return err
		}
	}
	lib, classes := filepath.Join(o.dir, "lib"), filepath.Join(o.dir, "classes")
	if _, err := os.Stat(filepath.Join(classes, "ClusterNode.class")); err == nil {
		return nil
	}
	if err := os.MkdirAll(classes, 0o755); err != nil {
		return err
	}
	out, err := filepath.Abs(lib)
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"mvn", "-q", "-B", "-f", "internal/clustertest/opensearch/pom.xml", "dependency:copy-dependencies",
			"-DoutputDirectory=" + out},
		{"javac", "-cp", filepath.Join(lib, "*"), "-d", classes, "internal/clustertest/opensearch/ClusterNode.java"},
	} {
		if text, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %.2000s", args[0], err, text)
		}
	}
	return nil
}
