// Package e2e holds tests that take several packages together over the made-up web:
// what is crawled and read must equal the truth.
package e2e
