package main

import (
	"errors"
	"fmt"
	"syscall"

	"cundang/archive"
	"cundang/index"
	"cundang/internal/config"
	"cundang/internal/curation"
	"cundang/internal/node"
)

// explain adds to an error of the node, the archive or the index what a person should try next,
// in her language; nil if it is none that we know.
func (a *app) explain(err error) *problem {
	var locked *node.LockedError
	var dir *node.DirError
	var damaged *index.DamagedError
	var stale *index.StaleError
	var model *node.ModelError
	var dictionary *node.DictionaryError
	var profile *node.ProfileError
	var wrong *config.Error
	var curated *curation.InvalidError
	var backup *node.BackupError
	var bucket *node.BucketError
	var few *node.ShrunkError
	switch {
	case errors.As(err, &bucket):
		return &problem{statusUsage, err, "cundang config --origin"}
	case errors.Is(err, archive.ErrElsewhere):
		return &problem{statusError, err, a.tr("set bucket in the configuration: docs/cluster.md",
			"请在配置中设置 bucket：docs/cluster.md")}
	case errors.Is(err, node.ErrNoArchive):
		return &problem{statusNoArchive, fmt.Errorf(a.tr("no archive at %s", "%s 没有存档"), a.data),
			a.tr("cundang demo, or cundang crawl URL, or --data DIR",
				"cundang demo、cundang crawl URL，或用 --data 指定目录")}
	case errors.As(err, &locked):
		return a.lockedProblem(locked)
	case errors.As(err, &dir):
		return &problem{statusError, err, "cundang --data DIR …"}
	case errors.As(err, &damaged), errors.As(err, &stale):
		return &problem{statusError, err, "cundang --data " + a.data + " index rebuild"}
	case errors.As(err, &model):
		return &problem{statusError, err, "cundang sites learn " + model.Site}
	case errors.As(err, &wrong), errors.As(err, &dictionary):
		return &problem{statusUsage, err, "cundang config --origin"}
	case errors.As(err, &few):
		return &problem{statusError, err, a.tr(
			"cundang archive verify; bring the files back, or: cundang index rebuild --force",
			"cundang archive verify；找回缺失的文件，或：cundang index rebuild --force")}
	case errors.As(err, &backup):
		return &problem{statusError, err, a.printer().BackupCure(backup.Fault)}
	case errors.As(err, &curated):
		return &problem{statusUsage, err, "cundang curate list"}
	case errors.Is(err, index.ErrNotFound), errors.Is(err, archive.ErrNotFound):
		return &problem{statusNoResults, err, "cundang search …"}
	case errors.As(err, &profile):
		return &problem{statusUsage, err, a.printer().ProfileCure(profile.Fault)}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, archive.ErrNoSpace):
		return &problem{statusError, err,
			a.tr("make room on the disk, then run the command again: nothing acknowledged is lost",
				"清理磁盘空间后重试：已确认的记录不会丢失")}
	}
	return a.explainProposal(err)
}

func (a *app) lockedProblem(e *node.LockedError) *problem {
	who := ""
	if e.PID != 0 {
		who = fmt.Sprintf(" (pid %d)", e.PID)
	}
	return &problem{statusLocked,
		fmt.Errorf(a.tr("%s is in use by another cundang%s", "%s 正由另一个 cundang 使用%s"), e.Dir, who),
		a.tr("cundang status, or wait for it to end", "cundang status，或等待其结束")}
}

// explainProposal says what to try when a site could not be looked at.
func (a *app) explainProposal(err error) *problem {
	var missing *node.NotFetchedError
	var noList *node.NoListError
	var none *node.NoArticlesError
	switch {
	case errors.As(err, &missing):
		return &problem{statusError, fmt.Errorf(a.tr("%s did not come: %s", "未能取得 %s：%s"), missing.URL,
			a.reason(missing.Reason)),
			"cundang sites add -v " + missing.URL}
	case errors.As(err, &noList):
		next := a.tr("cundang sites add URL with the address of a list page", "cundang sites add 并给出栏目页网址")
		for _, c := range noList.Channels {
			next += fmt.Sprintf("\n    cundang sites add '%s'  # %s", c.URL, c.Title)
		}
		return &problem{statusError, fmt.Errorf(a.tr("%s is no list of articles", "%s 不是文章列表"), noList.URL), next}
	case errors.As(err, &none):
		return &problem{statusError, fmt.Errorf(
			a.tr("none of the %d articles on %s came", "%[2]s 上的 %[1]d 篇文章均未取得"), none.Tried, none.List),
			"cundang sites add -v " + none.List}
	}
	return nil
}
