/* What other programs call a network. */
#ifndef OKNG_NET_SPELLING_H
#define OKNG_NET_SPELLING_H

/* okng's name of a CLIP that open_clip ("ViT-B-16-plus-240"), OpenAI ("ViT-B/16") or TinyCLIP
 * ("TinyCLIP-ViT-8M-16-Text-3M") call so; `name` itself where it is none of these. Static storage, or `name`. */
const char *okng_network_spelt(const char *name);

#endif
