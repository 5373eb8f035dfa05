package document

import "context"

type kindInfo struct{ name, media string }

const office = "application/vnd.openxmlformats-officedocument."

var kinds = [...]kindInfo{
	kindUnknown:  {"unknown format", ""},
	kindPDF:      {"PDF", "application/pdf"},
	kindDOCX:     {"DOCX", office + "wordprocessingml.document"},
	kindXLSX:     {"XLSX", office + "spreadsheetml.sheet"},
	kindPPTX:     {"PPTX", office + "presentationml.presentation"},
	kindDOC:      {"DOC", "application/msword"},
	kindXLS:      {"XLS", "application/vnd.ms-excel"},
	kindPPT:      {"PPT", "application/vnd.ms-powerpoint"},
	kindCompound: {"compound file", "application/x-ole-storage"},
	kindRTF:      {"RTF", "application/rtf"},
	kindOFD:      {"OFD", "application/ofd"},
	kindODF:      {"OpenDocument", "application/vnd.oasis.opendocument"},
	kindZIP:      {"ZIP archive", "application/zip"},
	kindHTML:     {"HTML", "text/html"},
	kindText:     {"text", "text/plain"},
	kindImage:    {"picture", "image/*"},
	kindRAR:      {"RAR archive", "application/vnd.rar"},
	kind7Z:       {"7z archive", "application/x-7z-compressed"},
	kindGZIP:     {"gzip file", "application/gzip"},
	kindCAJ:      {"CAJ", "application/x-caj"},
	kindXML:      {"XML", "application/xml"},
	kindXLSB:     {"XLSB", "application/vnd.ms-excel.sheet.binary.macroenabled.12"},
}

func (k kind) String() string { return kinds[k].name }
func (k kind) media() string  { return kinds[k].media }

// dispatch calls the reader of a format. ZIP archives come back here for each member.
func (w *work) dispatch(ctx context.Context, k kind, body []byte) error {
	switch k {
	case kindPDF:
		return w.readPDF(ctx, body)
	case kindDOCX:
		return w.readDOCX(ctx, body)
	case kindXLSX:
		return w.readXLSX(ctx, body)
	case kindPPTX:
		return w.readPPTX(ctx, body)
	case kindDOC:
		return w.readDOC(ctx, body)
	case kindXLS:
		return w.readXLS(ctx, body)
	case kindPPT:
		return w.readPPT(ctx, body)
	case kindCompound:
		return w.readCompound(body)
	case kindRTF:
		return w.readRTF(ctx, body)
	case kindOFD:
		return w.readOFD(ctx, body)
	case kindODF:
		return w.readODF(ctx, body)
	case kindZIP:
		return w.readZIP(ctx, body)
	case kindHTML:
		return w.readHTML(ctx, body)
	case kindXML:
		return w.readXML(ctx, body)
	case kindText:
		return w.readPlain(body)
	case kindImage:
		return w.readImage(ctx, body)
	}
	return noted(NoteUnsupported + ": " + k.String())
}
