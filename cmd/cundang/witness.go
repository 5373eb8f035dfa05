package main

import (
	"fmt"

	"cundang/archive/tlog"
	"cundang/web/listen"

	"github.com/spf13/cobra"
)

// witnessConnections is how many may ask a witness at the same time.
const witnessConnections = 512

func (a *app) archiveLogWitnessCommand() *cobra.Command {
	var address, name string
	var logs []string
	cmd := &cobra.Command{
		Use:   "witness --log KEY …",
		Short: a.tr("cosign the logs of others (C2SP tlog-witness)", "为他方的日志联署（C2SP tlog-witness）"),
		Long: a.tr("Answer POST /add-checkpoint until Ctrl-C: a head that continues the one cosigned last is cosigned, "+
			"any other\nrefused. The key is made on first use and kept in DATA/witness.",
			"应答 POST /add-checkpoint 直至 Ctrl-C：树头若延续上次联署的树头则联署，否则拒绝。\n"+
				"密钥首次使用时生成，存于 DATA/witness。"),
		Example: "  cundang archive log witness --name witness.example.org --log cundang/abc+506f0889+AX0b…",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(logs) == 0 {
				return usage("--log KEY", "say which logs to cosign: --log, their verifier keys (cundang archive log shows them)")
			}
			w, err := tlog.OpenWitness(a.options().Path("witness"), name, logs)
			if err != nil {
				return err
			}
			ln, err := listen.On(cmd.Context(), address, witnessConnections)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, a.tr("witness at http://%s\nkey     %s\n", "见证方 http://%s\n公钥　　%s\n"),
				ln.Addr(), w.Key())
			return listen.Serve(cmd.Context(), w, ln, nil)
		},
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:8788", a.tr("address to listen on", "监听地址"))
	cmd.Flags().StringVar(&name, "name", "cundang-witness",
		a.tr("name of the witness in its key", "密钥中的见证方名称"))
	cmd.Flags().StringArrayVar(&logs, "log", nil,
		a.tr("verifier key of a log to cosign; repeatable", "被见证日志的公钥（可多次给出）"))
	return cmd
}
