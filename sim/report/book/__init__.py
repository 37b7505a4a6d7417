"""The written report: an HTML file or an Excel workbook of a run, a comparison or a sweep.

What is told is put together once, as a `Book` of sections and sheets, from the result alone;
`html` and `workbook` write it down. The same result gives the same bytes.
"""
