"""How a partner's programs get in: made by owners (`service`), shown at the API (`door`)."""
