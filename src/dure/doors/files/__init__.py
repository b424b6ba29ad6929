"""Formats in and out: CSV, JSONL and Parquet, read and written by DuckDB.

It may import dure.errors, and knows neither the other doors nor the database.
"""
