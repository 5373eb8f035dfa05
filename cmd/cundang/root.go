package main

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"cundang/internal/argument"
	"cundang/internal/config"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// rootCommand builds the command tree. The language has to be known before the help texts
// are made, so args are looked at for --lang first.
func (a *app) rootCommand(args []string) *cobra.Command {
	a.cfg = config.Default()
	a.cfg.Lang = earlyLang(args, a.env)
	root := &cobra.Command{
		Use:           "cundang",
		Short:         a.tr("crawl, archive and search Chinese association sites", "采集、存档、检索科协类网站"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			argument.Unmark(args)
			a.boundMemory(cmd.Name())
			return a.configure(cmd.Flags())
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetIn(a.in)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &problem{statusUsage, err, cmd.CommandPath() + " --help"}
	})
	a.globalFlags(root.PersistentFlags())
	if a.cfg.Lang == "zh" {
		root.SetUsageTemplate(usageZH(root.UsageTemplate()))
	}
	root.AddCommand(a.commands()...)
	return root
}

func (a *app) globalFlags(f *pflag.FlagSet) {
	data := a.env("CUNDANG_DATA")
	if data == "" {
		data = "cundang-data"
	}
	f.StringVar(&a.data, "data", data, a.tr("data directory (CUNDANG_DATA)", "数据目录（CUNDANG_DATA）"))
	f.StringVar(&a.configFile, "config", "",
		a.tr("configuration file (default DATA/cundang.yaml)", "配置文件（默认 DATA/cundang.yaml）"))
	f.BoolVar(&a.json, "json", false, a.tr("print JSON", "以 JSON 输出"))
	f.String("lang", "", a.tr("language of messages: zh or en", "界面语言：zh 或 en"))
	f.String("log-format", "text", a.tr("log format: text or json", "日志格式：text 或 json"))
	f.BoolVar(&a.hidden, "with-hidden", false, a.tr("also what is hidden from readers", "包括对读者隐藏的内容"))
	f.BoolVarP(&a.quiet, "quiet", "q", false, a.tr("only errors", "只显示错误"))
	f.BoolVarP(&a.verbose, "verbose", "v", false, a.tr("log what happens", "显示详细日志"))
}

// memoryLimit is what a command that ends by itself may let garbage grow to, in bytes of heap: what one large document
// leaves behind took it to twice that. `crawl` and `serve` may hold more than this for long.
const memoryLimit = 224 << 20

// boundMemory bounds the heap of a command, unless GOMEMLIMIT does.
func (a *app) boundMemory(command string) {
	if a.owned != nil || os.Getenv("GOMEMLIMIT") != "" || slices.Contains([]string{"crawl", "serve", "demo"}, command) {
		return
	}
	debug.SetMemoryLimit(memoryLimit)
}

// configure loads the configuration once the flags are known.
func (a *app) configure(flags *pflag.FlagSet) error {
	lang := a.cfg.Lang
	var err error
	a.cfg, a.from, err = config.Load(a.data, a.configFile, a.env, func(name string) (string, bool) {
		f := flags.Lookup(name)
		if f == nil {
			return "", false
		}
		return f.Value.String(), f.Changed
	})
	if a.cfg.Lang == "" {
		a.cfg.Lang = lang
	}
	if err != nil {
		return err
	}
	a.log = a.newLogger()
	return nil
}

func earlyLang(args []string, env func(string) string) string {
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return v
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	if v := env("CUNDANG_LANG"); v != "" {
		return v
	}
	return localeLang(env)
}

// usageZH translates the headings of cobra's usage template.
func usageZH(template string) string {
	return strings.NewReplacer(
		"Usage:", "用法：",
		"Aliases:", "别名：",
		"Examples:", "示例：",
		"Available Commands:", "命令：",
		"Additional Commands:", "其他命令：",
		"Global Flags:", "全局选项：",
		"Flags:", "选项：",
		"Additional help topics:", "更多帮助：",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		`用 "{{.CommandPath}} 命令 --help" 查看某个命令的说明。`,
	).Replace(template)
}
