package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// cluster is the nodes that were started.
type cluster struct {
	options
	home  string
	nodes []*exec.Cmd
}

// start starts the nodes and waits until they have found each other. What was started is there also with an error.
func (o options) start(ctx context.Context) (*cluster, error) {
	c := &cluster{options: o}
	var err error
	if c.home, err = os.MkdirTemp(o.dir, "run-"); err != nil {
		return c, err
	}
	var seeds, names []string
	for i := range o.nodes {
		seeds = append(seeds, fmt.Sprintf("127.0.0.1:%d", o.port+100+i))
		names = append(names, fmt.Sprintf("node%d", i))
	}
	for i, name := range names {
		log, err := os.Create(filepath.Join(c.home, name+".log"))
		if err != nil {
			return c, err
		}
		defer log.Close()
		// A list of one is written with a comma all the same.
		cmd := exec.Command("java", "-Xms"+o.heap, "-Xmx"+o.heap, "-XX:+UseG1GC",
			"-Dlog4j2.configurationFile=internal/clustertest/opensearch/log4j2.properties",
			"-cp", filepath.Join(o.dir, "classes")+":"+filepath.Join(o.dir, "lib", "*"), "ClusterNode",
			filepath.Join(c.home, name), "cluster.name=cundang-test", "node.name="+name, "network.host=127.0.0.1",
			fmt.Sprintf("http.port=%d", o.port+i), fmt.Sprintf("transport.port=%d", o.port+100+i),
			"discovery.seed_hosts="+strings.Join(seeds, ",")+",",
			"cluster.initial_cluster_manager_nodes="+strings.Join(names, ",")+",",
			"cluster.routing.allocation.disk.threshold_enabled=false")
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			return c, err
		}
		c.nodes = append(c.nodes, cmd)
	}
	return c, c.wait(ctx, o.nodes)
}

func (c *cluster) addresses() (list []string) {
	for i := range c.options.nodes {
		list = append(list, fmt.Sprintf("http://127.0.0.1:%d", c.port+i))
	}
	return list
}

// startTime bounds how long nodes may take to find each other, or to copy what they have.
const startTime = 10 * time.Minute

// wait waits until the cluster has so many nodes and every copy of every shard.
func (c *cluster) wait(ctx context.Context, nodes int) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, a := range c.addresses() {
			if health(ctx, a, nodes) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d nodes of OpenSearch did not come together, see %s: %w", nodes, c.home, ctx.Err())
		case <-tick.C:
		}
	}
}

func health(ctx context.Context, address string, nodes int) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/_cluster/health", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	var h struct {
		Status string
		Nodes  int `json:"number_of_nodes"`
	}
	return json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(&h) == nil &&
		h.Nodes == nodes && h.Status == "green"
}

// stop kills the nodes that are left and removes what they wrote.
func (c *cluster) stop() error {
	var errs []error
	for _, n := range c.nodes {
		if n.ProcessState == nil {
			errs = append(errs, n.Process.Kill())
			_ = n.Wait() // killed
		}
	}
	if c.home != "" {
		errs = append(errs, os.RemoveAll(c.home))
	}
	return errors.Join(errs...)
}
