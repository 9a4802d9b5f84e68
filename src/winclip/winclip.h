/* WinCLIP (Jeong et al., "WinCLIP: Zero-/Few-Shot Anomaly Classification and Segmentation", CVPR 2023): words say what
 * a good and what a bad part is, windows of a picture are held against both by CLIP, and, where there are good
 * pictures, against their windows. No picture is needed. */
#ifndef OKNG_WINCLIP_WINCLIP_H
#define OKNG_WINCLIP_WINCLIP_H

#include "method/method.h"

extern const okng_method okng_method_winclip;

#endif
