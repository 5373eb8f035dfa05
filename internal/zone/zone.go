// Package zone knows the time zone of the sites. All of China keeps Beijing time, without summer
// time since 1991, so no database of time zones is needed.
package zone

import "time"

// China is China Standard Time, +08:00.
var China = time.FixedZone("CST", 8*60*60)
