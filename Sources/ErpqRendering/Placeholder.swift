// ErpqRendering
