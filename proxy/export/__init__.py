"""ExportJob: many assets in one zip."""
