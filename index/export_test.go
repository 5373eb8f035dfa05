package index

// What tests take apart themselves.
var (
	Split         = split
	LogLikelihood = logLikelihood
)
