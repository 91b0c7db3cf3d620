"""Evidence: the files that people attach to a report, and the page on which they are seen."""
