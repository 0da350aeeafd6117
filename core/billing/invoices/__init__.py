"""Invoices: first a value with named totals, then a number, then a PDF with its XML."""
