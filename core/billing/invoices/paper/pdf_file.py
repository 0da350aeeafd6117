"""A drawn document as a PDF/A-3 file with its XML inside, in one pass.

The same document gives the same bytes: the only time in the file is the day of issue, its id is a
hash of its content. factur-x could put the XML in afterwards, but parses the file again and stamps
it with the time of the run; it checks these files in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from html import escape
from itertools import groupby
from typing import Any

from fpdf import FPDF
from fpdf.enums import PDFResourceType
from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont
from fpdf.syntax import Name, PDFArray, PDFContentStream, PDFObject

from core.billing.invoices.paper.faces import Face
from core.billing.invoices.paper.sheet import Drawing, Sheet

XML_NAME = "factur-x.xml"
_PRODUCER = "Partner Hub"
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a PDF says about itself."""

    title: str
    author: str
    issued: date


def drawn(about: About, draw: Callable[[Sheet], None], *, xml: bytes = b"") -> bytes:
    """The PDF of what `draw` puts on a sheet; with `xml` it is a Factur-X invoice."""
    created = datetime.combine(about.issued, time(), tzinfo=UTC)
    pdf = FPDF(enforce_compliance="PDF/A-3B")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_lang("en")
    pdf.set_creation_date(created)
    pdf.set_xmp_metadata(_xmp(about, created, is_invoice=bool(xml)))
    sheet = Sheet(pdf)
    draw(sheet)
    _write_pages(pdf, sheet)
    if xml:
        pdf.embed_file(
            bytes=xml, basename=XML_NAME, mime_type="text/xml", modification_date=created,
            associated_file_relationship="Alternative", desc="Structured invoice, EN 16931",
            compress=True,
        )  # fmt: skip
    return bytes(pdf.output(output_producer_class=_producer(sheet)))


def _write_pages(pdf: FPDF, sheet: Sheet) -> None:
    for drawings in sheet.pages:
        pdf.add_page()
        for is_written, group in groupby(drawings, lambda drawing: isinstance(drawing, str)):
            if is_written:
                # Saved and restored, as fpdf2 believes that font and colour are as it left them.
                pdf._out("q\n" + "\n".join(str(drawing) for drawing in group) + "\nQ")
            else:
                _draw_all(pdf, list(group))
    for number, face in sheet.faces:
        pdf._resource_catalog.add(PDFResourceType.FONT, face.index, number + 1)


def _draw_all(pdf: FPDF, drawings: list[Drawing]) -> None:
    for drawing in drawings:
        if not isinstance(drawing, str):
            drawing(pdf)


def _producer(sheet: Sheet) -> type[OutputProducer]:
    """fpdf2's writer, which also knows the faces of `sheet`; a class, as fpdf2 asks for one."""
    faces = sorted({face for _, face in sheet.faces}, key=lambda face: face.index)

    class WithFaces(OutputProducer):
        def _add_fonts(self, *resources: Any) -> dict[int, Any]:
            fonts: dict[int, Any] = super()._add_fonts(*resources)
            return fonts | {face.index: _added(self, face) for face in faces}

    return WithFaces


def _added(producer: OutputProducer, face: Face) -> PDFFont:
    """The objects of one face: its file, descriptor, glyphs and the way back to characters."""

    def add(one: PDFObject) -> Any:
        producer._add_pdf_obj(one, "fonts")
        return one

    descriptor = _Descriptor(face)
    descriptor.font_file2 = add(_Packed(face.packed, size=face.size))
    glyphs = PDFFont(subtype="CIDFontType2", base_font=face.name, w=face.glyph_widths)
    glyphs.c_i_d_system_info = add(CIDSystemInfo())
    glyphs.font_descriptor = add(descriptor)
    glyphs.c_i_d_to_g_i_d_map = Name("Identity")  # type: ignore[assignment]
    font = PDFFont(subtype="Type0", base_font=face.name, encoding="Identity-H")
    font.descendant_fonts = PDFArray([add(glyphs)])
    font.to_unicode = add(_Packed(face.to_unicode))
    add(font)
    return font


class _Packed(PDFContentStream):
    """A stream that was deflated before."""

    def __init__(self, packed: bytes, size: int | None = None) -> None:
        super().__init__(packed)
        self.filter = Name("FlateDecode")
        self.length1 = size  # of a font file


class _Descriptor(PDFObject):
    def __init__(self, face: Face) -> None:
        super().__init__()
        self.type = Name("FontDescriptor")
        self.font_name = Name(face.name)
        self.font_file2: PDFObject | None = None
        for name, value in face.descriptor.items():
            setattr(self, name, value)


def _xmp(about: About, created: datetime, *, is_invoice: bool) -> str:
    """XMP with what PDF/A asks for, and Factur-X's part of it."""
    stamp = created.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    title, author = escape(about.title), escape(about.author)
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>"
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
        '<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
        f"<pdf:Producer>{_PRODUCER}</pdf:Producer></rdf:Description>"
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f"<xmp:CreatorTool>{_PRODUCER}</xmp:CreatorTool><xmp:CreateDate>{stamp}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{stamp}</xmp:ModifyDate></rdf:Description>"
        f"{_facturx() if is_invoice else ''}</rdf:RDF></x:xmpmeta>"
    )


def _facturx() -> str:
    """Factur-X's four properties, and their schema, which PDF/A wants to be told."""
    properties = {
        "DocumentType": ("INVOICE", "What the document is"),
        "DocumentFileName": (XML_NAME, "Name of the embedded XML file"),
        "Version": ("1.0", "Version of the standard of the XML file"),
        "ConformanceLevel": ("EN 16931", "Profile of the XML file"),
    }
    told = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in properties.items())
    schema = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{about}</pdfaProperty:description></rdf:li>"
        for name, (_, about) in properties.items()
    )
    return (
        f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">{told}</rdf:Description>'
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{schema}</rdf:Seq></pdfaSchema:property>"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )
