"""Pages of documentation; `docs.site` makes the site of them."""
