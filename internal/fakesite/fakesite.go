// Package fakesite is the made-up association web of the tests and of `cundang demo`:
// generated sites in the manner of the usual CMSes, with a truth that tells what a
// crawler and reader must find.
package fakesite
