package fakesite

// State is what became of an article on the web.
type State string

const (
	Live  State = "live"
	Gone  State = "gone"  // deleted: its address answers 404 or 410
	Moved State = "moved" // its address answers 301 or 404, MovedTo is where it stands now
)

// Change is what the last step of aging did to an article.
type Change string

const (
	Unchanged  Change = ""
	Added      Change = "added"
	Edited     Change = "edited"
	Deleted    Change = "deleted"
	MovedAway  Change = "moved"
	Reappeared Change = "reappeared"
)
