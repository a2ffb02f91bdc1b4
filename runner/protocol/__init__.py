"""Speaking: what to say to a service, without saying it, dry."""
