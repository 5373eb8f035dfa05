package main

import (
	"fmt"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/internal/zone"

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
			var found []finding
			for _, c := range a.options().Examine(cmd.Context()) {
				found = append(found, a.finding(c))
			}
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

// finding says what a check found in the language of this run.
func (a *app) finding(c node.Check) finding {
	f := finding{OK: c.OK}
	switch c.Thing {
	case node.DataDirectory:
		f.What, f.Is, f.Next = a.tr("data directory", "数据目录"), a.data, "cundang crawl URL"
	case node.Disk:
		f.What, f.Is = a.tr("free disk", "磁盘余量"), fmt.Sprintf("%.1f GB", float64(c.Free)/1e9)
		f.Next = a.tr("make room: a full disk pauses the crawl", "清理磁盘：磁盘写满会使采集暂停")
	case node.OwnerProcess:
		f.What, f.Is = a.tr("owner", "占用进程"), a.tr("nobody", "无")
		if c.Owner != nil {
			f.Is = fmt.Sprintf("pid %d, %s", c.Owner.PID, c.Owner.Addr)
		} else if c.Killed {
			f.Is = a.tr("killed; the next command recovers", "已被终止；下一条命令会自动恢复")
		}
	case node.Clock:
		f.What, f.Is, f.Next = a.tr("clock", "时钟"), time.Now().In(zone.China).Format(time.RFC3339), "timedatectl"
		if !c.OK {
			f.Is = fmt.Sprintf(a.tr("an archive file is from the future: %s", "存档文件时间在未来：%s"), c.Newest.In(zone.China).Format(time.RFC3339))
		}
	case node.Profiles:
		f.What, f.Is, f.Next = a.tr("site profiles", "站点配置"), fmt.Sprintf(a.tr("%d own", "自有 %d 个"), c.Count), "cundang sites check"
	case node.Archive:
		f.What, f.Next = a.tr("archive", "存档"), "cundang archive verify"
		f.Is = fmt.Sprintf(a.tr("%d WARC files, %.1f MB", "%d 个 WARC 文件，%.1f MB"), c.Count, float64(c.Bytes)/1e6)
	case node.Index:
		f.What, f.Next = a.tr("index", "索引"), "cundang index rebuild"
		f.Is = fmt.Sprintf(a.tr("%d documents, format %s, dictionary %s", "%d 篇，格式 %s，词典 %s"), c.Count, c.Format, c.Words)
		if c.Owner != nil {
			f.Is = a.tr("held by the owner", "由占用进程使用")
		}
	case node.Captures:
		f.What, f.Is, f.Next = a.tr("captures", "存档记录"), a.tr("all were read", "均已读取"), "cundang report --findings"
		if len(c.Findings) > 0 {
			var said strings.Builder
			a.noteFindings(&said, c.Findings)
			f.Is = strings.TrimSpace(said.String())
		}
	case node.BucketStore:
		f.What, f.Is, f.Next = a.tr("bucket", "存储桶"), c.Program, "cundang config --origin"
	case node.Browser:
		f.What, f.Is = a.tr("browser", "浏览器"), c.Program
		if c.Program == "" {
			f.Is = a.tr("none: profiles with fetch: browser are skipped", "无：fetch: browser 的站点将跳过")
		}
	}
	if c.Err != nil {
		f.Is = c.Err.Error()
	}
	if f.OK {
		f.Next = ""
	}
	return f
}
