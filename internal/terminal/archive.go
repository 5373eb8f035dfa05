package terminal

import (
	"fmt"
	"time"

	"cundang/archive"
	"cundang/archive/evidence"
	"cundang/archive/tlog"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Files lists WARC files.
func (p *Printer) Files(files []archive.FileInfo) error {
	return list(p, files, "file|bytes|open|in the bucket", "文件|字节|写入中|在存储桶", files,
		func(f archive.FileInfo) table.Row {
			return table.Row{f.File, f.Size, f.Open, f.Remote}
		})
}

// Imported prints what became of files of other crawlers.
func (p *Printer) Imported(all []archive.Imported) error {
	err := list(p, all, "source|captures|kept as|problems", "来源文件|记录|存为|问题", all,
		func(i archive.Imported) table.Row {
			as := i.File
			if i.Known != "" {
				as = fmt.Sprintf(p.Tr("known already: %s", "已有：%s"), i.Known)
			}
			return table.Row{i.Source, i.Captures, as, len(i.Problems) + i.MoreProblems}
		})
	if err != nil || p.JSON {
		return err
	}
	for _, i := range all {
		if i.Converted != "" {
			fmt.Fprintf(p.Out, p.Tr("  %s: converted from %s\n", "  %s：由 %s 转换而来\n"), i.Source, i.Converted)
		}
		if i.KnownRecords > 0 {
			fmt.Fprintf(p.Out, p.Tr("  %s: %d records left out, the archive has them\n",
				"  %s：略去 %d 条已有的记录\n"), i.Source, i.KnownRecords)
		}
		for _, problem := range i.Problems {
			fmt.Fprintf(p.Out, "  %s: %s\n", i.Source, problem)
		}
		if i.MoreProblems > 0 {
			fmt.Fprintf(p.Out, p.Tr("  %s: and %d problems more\n", "  %s：另有 %d 个问题\n"), i.Source, i.MoreProblems)
		}
	}
	return nil
}

// Captures lists the captures of an address, oldest first.
func (p *Printer) Captures(all []archive.Capture) error {
	type row struct {
		Time    time.Time `json:"time"`
		Status  int       `json:"status"`
		Revisit bool      `json:"revisit"`
		State   string    `json:"state"`
		Ref     string    `json:"ref"`
		Digest  string    `json:"digest"`
	}
	var rows []row
	for _, c := range all {
		rows = append(rows, row{c.Time, c.Status, c.Revisit, c.Fields[archive.FieldState], c.Ref.String(), c.Digest})
	}
	return list(p, rows, "captured|status|state|record|WARC", "采集时间|状态码|状态|记录|WARC", rows,
		func(r row) table.Row {
			record := "response"
			if r.Revisit {
				record = "revisit"
			}
			return table.Row{moment(r.Time), r.Status, r.State, record, r.Ref}
		})
}

// Log prints the head of a transparency log, its keys and how much of it others vouch for.
func (p *Printer) Log(v *tlog.View, vouched int64) error {
	if p.JSON {
		return p.PrintJSON(map[string]any{"origin": v.Origin, "entries": v.Checkpoint.Size, "root": v.Checkpoint.Root,
			"checkpoint": string(v.Signed), "keys": v.Keys, "anchored": vouched})
	}
	fmt.Fprintf(p.Out, p.Tr("log      %s\nentries  %d\n", "日志　%s\n条目　%d\n"), v.Origin, v.Checkpoint.Size)
	for _, k := range v.Keys {
		fmt.Fprintf(p.Out, p.Tr("key      %s (since %s)\n", "公钥　%s（自 %s）\n"), k.Key,
			k.From.In(zone.China).Format(time.DateOnly))
	}
	if vouched > 0 {
		fmt.Fprintf(p.Out,
			p.Tr("vouched  the first %d entries, by others\n", "见证　前 %d 个条目已有他方见证\n"), vouched)
	}
	_, err := fmt.Fprintf(p.Out, "\n%s", v.Signed)
	return err
}

// Evidence prints what an evidence file proves. known says that its key is known from elsewhere.
func (p *Printer) Evidence(path string, r evidence.Report, cosigned []tlog.Cosignature, known bool) error {
	if p.JSON {
		return p.PrintJSON(map[string]any{"file": path, "captures": r.Captures, "entries": r.Index, "origin": r.Origin,
			"log_entries": r.Heads[0].Size, "stamps": r.Stamps, "cosignatures": cosigned, "keys": r.Keys})
	}
	for i, c := range r.Captures {
		fmt.Fprintf(p.Out,
			p.Tr("%s: holds\n  address   %s\n  captured  %s\n  entry     %d of %d of the log %s\n",
				"%s：成立\n  网址　　%s\n  采集时间　%s\n  条目　　第 %d 条（共 %d 条），日志 %s\n"),
			path, c.URL, moment(c.Time), r.Index[i], r.Heads[i].Size, r.Heads[i].Origin)
	}
	for _, s := range r.Stamps {
		fmt.Fprintf(p.Out, p.Tr("  stamped   %s (check the authority: openssl ts -verify)\n",
			"  时间戳　%s（机构证书请用 openssl ts -verify 核对）\n"), moment(s))
	}
	for _, c := range cosigned {
		fmt.Fprintf(p.Out, p.Tr("  cosigned  by %s, %s\n", "  联署　　%s，%s\n"), c.Witness, moment(c.Time))
	}
	if known {
		return nil
	}
	_, err := fmt.Fprintf(p.Out,
		p.Tr("  key       %s\n            as the file has it; compare it with a copy from elsewhere (--key)\n",
			"  公钥　　%s\n　　　　　此为文件所附，请与另行取得的公钥比对（--key）\n"),
		r.Keys[len(r.Keys)-1].Key)
	return err
}

// Backups lists the versions of a backup.
func (p *Printer) Backups(all []node.BackupReport) error {
	return list(p, all, "version|made|files|bytes|new bytes|journal",
		"版本|时间|文件|字节|新增字节|台账", all,
		func(r node.BackupReport) table.Row {
			return table.Row{r.Version, clock(r.Created), r.Files, r.Bytes, r.NewBytes, r.Journal}
		})
}

// CopyProgress shows now and then how far a backup or a restore is.
func (p *Printer) CopyProgress() func(node.CopyProgress) {
	shown := time.Now()
	return func(c node.CopyProgress) {
		every := logEvery
		if p.Redraw {
			every = time.Second
		}
		if p.Quiet || time.Since(shown) < every {
			return
		}
		shown = time.Now()
		fmt.Fprintf(p.Err, p.Tr("%.1f of %.1f MB\n", "%.1f / %.1f MB\n"),
			float64(c.Done)/1e6, float64(max(c.Total, c.Done))/1e6)
	}
}

// Pushed prints what was put into a bucket.
func (p *Printer) Pushed(r archive.PushReport) error {
	if p.JSON {
		return p.PrintJSON(r)
	}
	_, err := fmt.Fprintf(p.Out, p.Tr("%s: %d files put (%.1f MB), %d were there, %d no longer here (%.1f MB)\n",
		"%s：存入 %d 个文件（%.1f MB），已有 %d 个，本地移除 %d 个（%.1f MB）\n"),
		r.Place, r.Pushed, float64(r.PushedBytes)/1e6, r.Already, r.Dropped, float64(r.DroppedBytes)/1e6)
	return err
}

// Pulled prints what was brought back from a bucket.
func (p *Printer) Pulled(r archive.PullReport) error {
	if p.JSON {
		return p.PrintJSON(r)
	}
	_, err := fmt.Fprintf(p.Out, p.Tr("%s: %d files are here again (%.1f MB), %d stubs made\n",
		"%s：取回 %d 个文件（%.1f MB），新建存根 %d 个\n"), r.Place, r.Pulled, float64(r.Bytes)/1e6, r.Stubs)
	return err
}
