package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version of this tree; CHANGELOG.md says what changed in it.
const release = "0.1.0"

// version returns the release, with the commit when the binary knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return release + "+" + s.Value[:12]
		}
	}
	return release
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.tr("print the version", "显示版本"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.printJSON(map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" +
					runtime.GOARCH})
			}
			_, err := fmt.Fprintf(a.out, "cundang %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func (a *app) configCommand() *cobra.Command {
	var origin bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: a.tr("print the configuration in force", "显示当前配置"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.printJSON(map[string]any{"config": a.cfg, "origin": a.from})
			}
			for _, s := range a.cfg.Settings() {
				line := s.Key + ": " + s.Text()
				if origin {
					line += "\t# " + a.from[s.Key]
				}
				if _, err := fmt.Fprintln(a.out, line); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&origin, "origin", false, a.tr("say where each value comes from", "显示每个值的出处"))
	return cmd
}
