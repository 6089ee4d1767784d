// ErpqAnalytics
