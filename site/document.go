package site

import (
	"path"
	"strings"
)

const (
	openXML      = "application/vnd.openxmlformats-officedocument."
	openDocument = "application/vnd.oasis.opendocument."
)

// documentTypes are the extensions under which association sites publish documents. It is
// the one list: the crawler fetches what it names as attachments, extract lists them.
var documentTypes = map[string]string{
	".pdf": "application/pdf", ".ofd": "application/ofd", ".ceb": "application/x-ceb", ".caj": "application/x-caj",
	".doc": "application/msword", ".docx": openXML + "wordprocessingml.document",
	".docm": "application/vnd.ms-word.document.macroEnabled.12",
	".xls":  "application/vnd.ms-excel", ".xlsx": openXML + "spreadsheetml.sheet",
	".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
	".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
	".ppt":  "application/vnd.ms-powerpoint", ".pptx": openXML + "presentationml.presentation",
	".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
	".wps":  "application/vnd.ms-works", ".et": "application/vnd.ms-excel", ".dps": "application/vnd.ms-powerpoint",
	".odt": openDocument + "text", ".ods": openDocument + "spreadsheet", ".odp": openDocument + "presentation",
	".rtf": "application/rtf", ".txt": "text/plain", ".csv": "text/csv",
	".zip": "application/zip", ".rar": "application/vnd.rar", ".7z": "application/x-7z-compressed",
}

// DocumentType returns the media type of a document by its name or address without query;
// "" if its extension is no document's.
func DocumentType(name string) string { return documentTypes[strings.ToLower(path.Ext(name))] }
