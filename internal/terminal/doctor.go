package terminal

import (
	"fmt"
	"strings"
	"time"

	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
)

// finding is what the doctor says of one thing.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Is   string `json:"is"`
	Next string `json:"next,omitempty"` // the command that mends it
}

// Checks prints what was found wrong in a data directory and the command that mends it.
func (p *Printer) Checks(dir string, checks []node.Check) error {
	var found []finding
	for _, c := range checks {
		found = append(found, p.finding(dir, c))
	}
	return list(p, found, "|what|is|try", "|项目|状况|处理", found, func(f finding) table.Row {
		return table.Row{mark(f.OK), f.What, f.Is, f.Next}
	})
}

// finding says what a check of the directory found.
func (p *Printer) finding(dir string, c node.Check) finding {
	f := finding{OK: c.OK}
	switch c.Thing {
	case node.DataDirectory:
		f.What, f.Is, f.Next = p.Tr("data directory", "数据目录"), dir, "cundang crawl URL"
	case node.Disk:
		f.What, f.Is = p.Tr("free disk", "磁盘余量"), fmt.Sprintf("%.1f GB", float64(c.Free)/1e9)
		f.Next = p.Tr("make room: a full disk pauses the crawl", "清理磁盘：磁盘写满会使采集暂停")
	case node.OwnerProcess:
		f.What, f.Is = p.Tr("owner", "占用进程"), p.Tr("nobody", "无")
		if c.Owner != nil {
			f.Is = fmt.Sprintf("pid %d, %s", c.Owner.PID, c.Owner.Addr)
		} else if c.Killed {
			f.Is = p.Tr("killed; the next command recovers", "已被终止；下一条命令会自动恢复")
		}
	case node.Clock:
		f.What, f.Is, f.Next = p.Tr("clock", "时钟"), moment(time.Now()), "timedatectl"
		if !c.OK {
			f.Is = fmt.Sprintf(p.Tr("an archive file is from the future: %s", "存档文件时间在未来：%s"),
				moment(c.Newest))
		}
	case node.Profiles:
		f.What, f.Is, f.Next = p.Tr("site profiles", "站点配置"), fmt.Sprintf(p.Tr("%d own", "自有 %d 个"), c.Count),
			"cundang sites check"
	case node.Archive:
		f.What, f.Next = p.Tr("archive", "存档"), "cundang archive verify"
		f.Is = fmt.Sprintf(p.Tr("%d WARC files, %.1f MB", "%d 个 WARC 文件，%.1f MB"), c.Count, float64(c.Bytes)/1e6)
	case node.Index:
		f.What, f.Next = p.Tr("index", "索引"), "cundang index rebuild"
		f.Is = fmt.Sprintf(p.Tr("%d documents, format %s, dictionary %s", "%d 篇，格式 %s，词典 %s"), c.Count,
			c.Format, c.Words)
		if c.Owner != nil {
			f.Is = p.Tr("held by the owner", "由占用进程使用")
		}
	case node.Captures:
		f.What, f.Is, f.Next = p.Tr("captures", "存档记录"), p.Tr("all were read", "均已读取"),
			"cundang report --findings"
		if len(c.Findings) > 0 {
			var said strings.Builder
			p.NoteFindings(&said, c.Findings)
			f.Is = strings.TrimSpace(said.String())
		}
	case node.BucketStore:
		f.What, f.Is, f.Next = p.Tr("bucket", "存储桶"), c.Program, "cundang config --origin"
	case node.Browser:
		f.What, f.Is = p.Tr("browser", "浏览器"), c.Program
		if c.Program == "" {
			f.Is = p.Tr("none: profiles with fetch: browser are skipped", "无：fetch: browser 的站点将跳过")
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
