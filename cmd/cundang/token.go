package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cundang/web/token"

	"github.com/jedib0t/go-pretty/v6/table"
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
	cmd := &cobra.Command{Use: "token", Short: a.tr("who may come in over the network: make, list, revoke tokens", "网络访问令牌：生成、列出、撤销"), Args: cobra.NoArgs}
	cmd.AddCommand(a.tokenNewCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
	return cmd
}

func (a *app) tokenNewCommand() *cobra.Command {
	var role, expires string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: a.tr("make a token; it is shown once and stored as a hash", "生成令牌：只显示一次，存盘的是哈希"),
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := token.ParseRole(role)
			if err != nil {
				return usage("--role reader", "%w", err)
			}
			life, err := lifetime(expires)
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
			secret, t, err := a.tokens().Add(name, r, life, time.Now())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]any{"token": secret, "id": t.ID, "name": t.Name, "role": t.Role, "expires": expiry(t), "hash": t.Hash})
			}
			fmt.Fprintln(a.out, secret)
			fmt.Fprintf(a.err, a.tr("token %s (%s, %s) is shown only now; send it as Authorization: Bearer TOKEN\n",
				"令牌 %s（%s，%s）只显示这一次；请求时写 Authorization: Bearer 令牌\n"), t.ID, t.Name, t.Role)
			return nil
		},
	}
	cmd.Flags().StringVar(&role, "role", string(token.Reader), a.tr("reader, curator or operator", "reader（读者）、curator（编辑）或 operator（管理者）"))
	cmd.Flags().StringVar(&expires, "expires", "365d", a.tr("lifetime such as 12h, 90d, or never", "有效期，如 12h、90d 或 never"))
	return cmd
}

// lifetime reads 12h, 90d or never.
func lifetime(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36_500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no lifetime: write 12h, 90d or never", text)
	}
	return d, nil
}

// expiry is the end of a token for JSON, nil for none.
func expiry(t token.Token) any {
	if t.Expires.IsZero() {
		return nil
	}
	return t.Expires.Format(time.RFC3339)
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
			if a.json {
				rows := []map[string]any{}
				for _, t := range list {
					rows = append(rows, map[string]any{"id": t.ID, "name": t.Name, "role": t.Role, "created": t.Created, "expires": expiry(t), "valid": t.Valid(time.Now())})
				}
				return a.printJSON(rows)
			}
			t := a.table("ID", a.tr("name", "名称"), a.tr("role", "角色"), a.tr("made", "生成"), a.tr("expires", "到期"))
			for _, k := range list {
				end := a.tr("never", "永不")
				if !k.Expires.IsZero() {
					end = k.Expires.Format(time.DateOnly)
				}
				if !k.Valid(time.Now()) {
					end += a.tr(" (expired)", "（已过期）")
				}
				t.AppendRow(table.Row{k.ID, k.Name, string(k.Role), k.Created.Format(time.DateOnly), end})
			}
			t.Render()
			return nil
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
