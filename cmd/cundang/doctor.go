package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"cundang/archive"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// finding is what the doctor says of one thing.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Is   string `json:"is"`
	Next string `json:"next,omitempty"` // the command that mends it
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: a.tr("what is wrong here and the next command", "检查环境与数据目录，给出处理命令"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := a.examine(cmd.Context())
			if a.json {
				if err := a.printJSON(found); err != nil {
					return err
				}
			} else {
				t := a.table("", a.tr("what", "项目"), a.tr("is", "状况"), a.tr("try", "处理"))
				for _, f := range found {
					mark := "✓"
					if !f.OK {
						mark = "✗"
					}
					t.AppendRow(table.Row{mark, f.What, f.Is, f.Next})
				}
				t.Render()
			}
			for _, f := range found {
				if !f.OK {
					return silent(statusError)
				}
			}
			return nil
		},
	}
}

// examine looks at everything and changes nothing.
func (a *app) examine(ctx context.Context) []finding {
	found := []finding{a.examineDir()}
	if !found[0].OK {
		return found
	}
	found = append(found, a.examineDisk(), a.examineOwner(), a.examineClock(), a.examineProfiles(), a.examineArchive(), a.examineIndex(ctx))
	return append(found, a.examineBrowser())
}

func (a *app) examineDir() finding {
	f := finding{What: a.tr("data directory", "数据目录"), Is: a.data}
	if _, err := os.Stat(filepath.Join(a.data, "archive")); err != nil {
		f.Is, f.Next = err.Error(), "cundang crawl URL"
		return f
	}
	probe, err := os.CreateTemp(a.data, ".doctor-*")
	if err != nil {
		f.Is = err.Error()
		return f
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		f.Is = err.Error()
		return f
	}
	f.OK = true
	return f
}

// lowDisk is the free space in bytes below which a crawl should not be started.
const lowDisk = 1 << 30

func (a *app) examineDisk() finding {
	f := finding{What: a.tr("free disk", "磁盘余量")}
	var st syscall.Statfs_t
	if err := syscall.Statfs(a.data, &st); err != nil {
		f.Is = err.Error()
		return f
	}
	free := st.Bavail * uint64(st.Bsize)
	f.Is = fmt.Sprintf("%.1f GB", float64(free)/1e9)
	if f.OK = free >= lowDisk; !f.OK {
		f.Next = a.tr("make room: a full disk pauses the crawl", "清理磁盘：磁盘写满会使采集暂停")
	}
	return f
}

func (a *app) examineOwner() finding {
	f := finding{What: a.tr("owner", "占用进程"), OK: true, Is: a.tr("nobody", "无")}
	if o, err := findOwner(a.data); err == nil {
		f.Is = fmt.Sprintf("pid %d, %s", o.PID, o.Addr)
	} else if _, err := os.Stat(ownerFile(a.data)); err == nil {
		f.Is = a.tr("killed; the next command recovers", "已被终止；下一条命令会自动恢复")
	}
	return f
}

// examineClock compares the clock with the newest capture: one from the future means that
// the clock was or is wrong, and capture times are evidence.
func (a *app) examineClock() finding {
	f := finding{What: a.tr("clock", "时钟"), OK: true, Is: time.Now().In(cst).Format(time.RFC3339)}
	newest := time.Time{}
	err := filepath.WalkDir(a.archiveDir(), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
		return err
	})
	if err != nil {
		f.OK, f.Is = false, err.Error()
	} else if newest.After(time.Now().Add(time.Minute)) {
		f.OK, f.Is = false, fmt.Sprintf(a.tr("an archive file is from the future: %s", "存档文件时间在未来：%s"), newest.In(cst).Format(time.RFC3339))
		f.Next = "timedatectl"
	}
	return f
}

func (a *app) examineProfiles() finding {
	f := finding{What: a.tr("site profiles", "站点配置")}
	own, err := a.ownProfiles()
	if err != nil {
		f.Is, f.Next = err.Error(), "cundang sites check"
		return f
	}
	f.OK, f.Is = true, fmt.Sprintf(a.tr("%d own", "自有 %d 个"), len(own))
	return f
}

func (a *app) examineArchive() finding {
	f := finding{What: a.tr("archive", "存档")}
	err := a.withStore(func(s *archive.Store) error {
		files, err := s.Files()
		if err != nil {
			return err
		}
		bytes := int64(0)
		for _, x := range files {
			bytes += x.Size
		}
		f.Is = fmt.Sprintf(a.tr("%d WARC files, %.1f MB", "%d 个 WARC 文件，%.1f MB"), len(files), float64(bytes)/1e6)
		return nil
	})
	if f.OK = err == nil; err != nil {
		f.Is, f.Next = err.Error(), "cundang archive verify"
	}
	return f
}

func (a *app) examineIndex(ctx context.Context) finding {
	f := finding{What: a.tr("index", "索引")}
	if _, err := findOwner(a.data); err == nil {
		f.OK, f.Is = true, a.tr("held by the owner", "由占用进程使用")
		return f
	}
	lib := &library{dir: a.data}
	err := a.openIndex(lib, true)
	if err != nil {
		f.Is, f.Next = err.Error(), "cundang index rebuild"
		return f
	}
	s, err := lib.index.Status()
	if err = errors.Join(err, lib.index.Close(), ctx.Err()); err != nil {
		f.Is, f.Next = err.Error(), "cundang index rebuild"
		return f
	}
	f.OK, f.Is = true, fmt.Sprintf(a.tr("%d documents, format %s, dictionary %s", "%d 篇，格式 %s，词典 %s"), s.Documents, s.Format, s.Dictionary)
	return f
}

// examineBrowser tells whether sites that need a browser can be crawled; it is no fault if not.
func (a *app) examineBrowser() finding {
	f := finding{What: a.tr("browser", "浏览器"), OK: true, Is: a.tr("none: profiles with fetch: browser are skipped", "无：fetch: browser 的站点将跳过")}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			f.Is = path
			break
		}
	}
	return f
}
