"""Names of the values that ComfyUI's editor stores by position alone.

An editor graph lists a node's values as `widgets_values: [237514639057514, "randomize", 20, ...]`. Newer editors name
them in the node's inputs; for older ones the names of the usual nodes are here, in the order in which ComfyUI's own
`INPUT_TYPES` declare them (nodes.py and comfy_extras/). After a seed the editor adds what becomes of it after a run
(`control_after_generate`), after a picture to load the button beside it.
"""

from __future__ import annotations

CONTROL = "control_after_generate"
"""What the editor does with a seed after each run; no input of the node."""

_SIZE = ("width", "height", "batch_size")
_SAMPLING = ("sampler_name", "scheduler")

WIDGETS: dict[str, tuple[str, ...]] = {
    "KSampler": ("seed", CONTROL, "steps", "cfg", *_SAMPLING, "denoise"),
    "KSamplerAdvanced": (
        "add_noise",
        "noise_seed",
        CONTROL,
        "steps",
        "cfg",
        *_SAMPLING,
        "start_at_step",
        "end_at_step",
        "return_with_leftover_noise",
    ),
    "SamplerCustom": ("add_noise", "noise_seed", CONTROL, "cfg"),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "RandomNoise": ("noise_seed", CONTROL),
    "CFGGuider": ("cfg",),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "ImageOnlyCheckpointLoader": ("ckpt_name",),
    "unCLIPCheckpointLoader": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "CLIPLoader": ("clip_name", "type", "device"),
    "DualCLIPLoader": ("clip_name1", "clip_name2", "type", "device"),
    "CLIPVisionLoader": ("clip_name",),
    "VAELoader": ("vae_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "ControlNetLoader": ("control_net_name",),
    "ControlNetApply": ("strength",),
    "ControlNetApplyAdvanced": ("strength", "start_percent", "end_percent"),
    "UpscaleModelLoader": ("model_name",),
    "LoadImage": ("image", "upload"),
    "LoadImageMask": ("image", "channel", "upload"),
    "EmptyLatentImage": _SIZE,
    "EmptySD3LatentImage": _SIZE,
    "EmptyHunyuanLatentVideo": ("width", "height", "length", "batch_size"),
    "LatentUpscale": ("upscale_method", "width", "height", "crop"),
    "LatentUpscaleBy": ("upscale_method", "scale_by"),
    "ImageScale": ("upscale_method", "width", "height", "crop"),
    "ImageScaleBy": ("upscale_method", "scale_by"),
    "ImageScaleToTotalPixels": ("upscale_method", "megapixels"),
    "ImagePadForOutpaint": ("left", "top", "right", "bottom", "feathering"),
    "VAEEncodeForInpaint": ("grow_mask_by",),
    "InpaintModelConditioning": ("noise_mask",),
    "ConditioningSetArea": ("width", "height", "x", "y", "strength"),
    "ConditioningAverage": ("conditioning_to_strength",),
    "ModelSamplingFlux": ("max_shift", "base_shift", "width", "height"),
    "ModelSamplingSD3": ("shift",),
    "FreSca": ("scale_low", "scale_high", "freq_cutoff"),
    "T5TokenizerOptions": ("min_padding", "min_length"),
    "SVD_img2vid_Conditioning": ("width", "height", "video_frames", "motion_bucket_id", "fps", "augmentation_level"),
    "VideoLinearCFGGuidance": ("min_cfg",),
    "SaveImage": ("filename_prefix",),
    "SaveAnimatedWEBP": ("filename_prefix", "fps", "lossless", "quality", "method"),
    "SaveAnimatedPNG": ("filename_prefix", "fps", "compress_level"),
    "SaveWEBM": ("filename_prefix", "codec", "fps", "crf"),
    "SaveVideo": ("filename_prefix", "format", "codec"),
    "CreateVideo": ("fps",),
}

EDITOR_ONLY = frozenset({CONTROL, "upload", "choose file to upload"})
"""Values that belong to the editor and not to the picture."""
