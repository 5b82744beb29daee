"""From files on disk to samples: listing, masks, pairing, transforms, loading."""
