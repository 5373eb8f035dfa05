package main

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"cundang/archive"
	"cundang/index"
)

// diskProblem adds the next step to an error of a full disk.
func (a *app) diskProblem(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, archive.ErrNoSpace) {
		return &problem{statusError, err, a.tr("make room on the disk, then run the command again: nothing acknowledged is lost", "清理磁盘空间后重试：已确认的记录不会丢失")}
	}
	return err
}

// archiveProblem adds the next step to what opening the archive says.
func (a *app) archiveProblem(err error) error {
	if errors.Is(err, archive.ErrLocked) {
		return a.lockedProblem()
	}
	return a.diskProblem(err)
}

// indexProblem adds the next step to what opening the index says.
func (a *app) indexProblem(err error) error {
	var damaged *index.DamagedError
	var stale *index.StaleError
	switch {
	case errors.Is(err, index.ErrLocked):
		return a.lockedProblem()
	case errors.As(err, &damaged), errors.As(err, &stale):
		return &problem{statusError, err, "cundang --data " + a.data + " index rebuild"}
	}
	return a.diskProblem(err)
}

func (a *app) queryProblem(err error) error { return err }

// dictionary reads the operator's own words, one a line; # starts a comment.
func (a *app) dictionary() ([]string, error) {
	if a.cfg.Dictionary == "" {
		return nil, nil
	}
	text, err := os.ReadFile(a.cfg.Dictionary)
	if err != nil {
		return nil, usage("cundang config --origin", "read the dictionary: %w", err)
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	return words, nil
}
