package terminal

import (
	"fmt"
	"time"

	"cundang/web/token"

	"github.com/jedib0t/go-pretty/v6/table"
)

// tokenRow is a token as JSON, without its hash.
type tokenRow struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Role    token.Role `json:"role"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires"` // null: never
	Valid   bool       `json:"valid"`
}

// AccessTokens lists tokens, never their secrets.
func (p *Printer) AccessTokens(all []token.Token, now time.Time) error {
	rows := []tokenRow{}
	for _, t := range all {
		rows = append(rows, tokenRow{t.ID, t.Name, t.Role, t.Created, expiry(t), t.Valid(now)})
	}
	return list(p, rows, "ID|name|role|made|expires", "ID|名称|角色|生成|到期", rows, func(r tokenRow) table.Row {
		end := p.Tr("never", "永不")
		if r.Expires != nil {
			end = r.Expires.Format(time.DateOnly)
		}
		if !r.Valid {
			end += p.Tr(" (expired)", "（已过期）")
		}
		return table.Row{r.ID, r.Name, r.Role, r.Created.Format(time.DateOnly), end}
	})
}

// NewToken prints the secret of a token, which is shown only once.
func (p *Printer) NewToken(secret string, t token.Token) error {
	if p.JSON {
		return p.PrintJSON(map[string]any{"token": secret, "id": t.ID, "name": t.Name, "role": t.Role,
			"expires": expiry(t), "hash": t.Hash})
	}
	fmt.Fprintln(p.Out, secret)
	_, err := fmt.Fprintf(p.Err, p.Tr("token %s (%s, %s) is shown only now; send it as Authorization: Bearer TOKEN\n",
		"令牌 %s（%s，%s）只显示这一次；请求时写 Authorization: Bearer 令牌\n"), t.ID, t.Name, t.Role)
	return err
}

func expiry(t token.Token) *time.Time {
	if t.Expires.IsZero() {
		return nil
	}
	return &t.Expires
}
