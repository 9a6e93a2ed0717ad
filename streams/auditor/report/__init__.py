"""What a period comes to: `figures`, `controls`, `document`, `plots`, and the page as `html`."""
