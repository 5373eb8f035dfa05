package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/web/token"

	"github.com/spf13/cobra"
)

// tokens is the file of tokens of the data directory, with the one of the configuration.
func (a *app) tokens() *token.Store {
	var more []token.Token
	if a.cfg.TokenHash != "" {
		more = append(more, token.Token{ID: "config", Name: "token_hash", Role: token.Operator, Hash: a.cfg.TokenHash})
	}
	return token.Open(filepath.Join(a.data, "tokens.json"), more...)
}

func (a *app) tokenCommand() *cobra.Command {
	return group("token", a.tr("who may come in over the network: make, list, revoke tokens",
		"网络访问令牌：生成、列出、撤销"), a.tokenNewCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
}

func (a *app) tokenNewCommand() *cobra.Command {
	var role, expires string
	var sites []string
	cmd := &cobra.Command{
		Use: "new NAME",
		Short: a.tr("make a token; it is shown once and stored as a hash",
			"生成令牌：只显示一次，存盘的是哈希"),
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := token.ParseRole(role)
			if err != nil {
				return usage("--role reader", "%w", err)
			}
			life, err := token.ParseLifetime(expires)
			if err != nil {
				return usage("--expires 90d", "%w", err)
			}
			name := strings.TrimSpace(args[0])
			if name == "" || len(name) > 100 {
				return usage("cundang token new library", "a token has a name of 1 to 100 bytes")
			}
			if err := os.MkdirAll(a.data, 0o700); err != nil {
				return fmt.Errorf("make data directory: %w", err)
			}
			secret, t, err := a.tokens().Add(name, r, life, time.Now(), sites...)
			if err != nil {
				return err
			}
			return a.printer().NewToken(secret, t)
		},
	}
	cmd.Flags().StringVar(&role, "role", string(token.Reader),
		a.tr("reader, curator or operator", "reader（读者）、curator（编辑）或 operator（管理者）"))
	cmd.Flags().StringSliceVar(&sites, "site", nil, a.tr("restricted sites that it may read", "可读的限制站点"))
	cmd.Flags().StringVar(&expires, "expires", "365d",
		a.tr("lifetime such as 12h, 90d, or never", "有效期，如 12h、90d 或 never"))
	return cmd
}

func (a *app) tokenListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: a.tr("the tokens there are, never their secrets", "列出令牌（不含密文）"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := a.tokens().List()
			if err != nil {
				return err
			}
			return a.printer().AccessTokens(list, time.Now())
		},
	}
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID|NAME",
		Short: a.tr("take a token away, from its sessions too", "撤销令牌及其登录"),
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := a.tokens().Revoke(args[0])
			if errors.Is(err, token.ErrNotFound) {
				return usage("cundang token list", "%w", err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(a.err, a.tr("token %s (%s) is revoked\n", "令牌 %s（%s）已撤销\n"), t.ID, t.Name)
			return nil
		},
	}
}
