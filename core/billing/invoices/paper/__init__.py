"""Invoices and statements on paper: millimetres and points; amounts arrive here as they are."""
